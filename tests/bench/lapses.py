"""Deadlines fired a second, beside one SQL statement that claims, ends, notes and passes the same duties without facts and notices.

The sweep is the clock's own (`portal.clock.sweeping`), with its helper; beside it, one sweeper alone, and two clocks in processes of their
own. Where something else runs on the machine, believe the processor seconds.
"""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction

from portal.clock import sweeping
from portal.record.appending import now
from reporting.escalation.due import CLAIM, claim
from reporting.escalation.lapsing import fire_due
from tests.bench import rows
from tests.bench.web import cpu_seconds, postmaster

BATCH = 1_000
OPEN = 1_000_000
LOOKS = 200
FLOOR = """
WITH due AS (
    SELECT id FROM reporting_duty WHERE next_due_at <= clock_timestamp() ORDER BY next_due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
), ended AS (
    UPDATE reporting_duty AS duty SET state = 'lapsed', next_due_at = NULL, ended_at = clock_timestamp() FROM due WHERE duty.id = due.id
    RETURNING duty.id, report_id, seq, level, holder_id, open_due_at
), noted AS (
    INSERT INTO reporting_lapse (duty_id, deadline, due_at, fired_at) SELECT id, 'open', open_due_at, clock_timestamp() FROM ended
)
INSERT INTO reporting_duty (report_id, seq, level, holder_id, post_id, why, skipped, state, from_at, open_due_at, act_due_at,
    next_due_at)
SELECT report_id, seq + 1, level + 1, manager.line_manager_id,
    CASE WHEN manager.line_manager_id IS NULL THEN (SELECT min(id) FROM people_post) END, 'open_missed', '[]', 'sent', clock_timestamp(),
    clock_timestamp() + interval '2 hours', clock_timestamp() + interval '1 day', clock_timestamp() + interval '2 hours'
FROM ended JOIN people_person AS manager ON manager.id = ended.holder_id
"""


@dataclass
class Rates:
    """Lapses a second, one figure a round, and the processor seconds of a thousand: Python's and PostgreSQL's."""

    a_second: list[float] = field(default_factory=list)
    python: list[float] = field(default_factory=list)
    postgres: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.mean(self.a_second)

    def cpu(self) -> str:
        return f"{statistics.mean(self.python):.2f} + {statistics.mean(self.postgres):.2f} s of processor a thousand"


@dataclass
class Lapses:
    """`clock`: as it ships. `alone`: one sweeper. `two`: two processes. `large`: the clock among a million open reports."""

    clock: Rates = field(default_factory=Rates)
    alone: Rates = field(default_factory=Rates)
    two: Rates = field(default_factory=Rates)
    floor: Rates = field(default_factory=Rates)
    large: Rates = field(default_factory=Rates)
    large_floor: Rates = field(default_factory=Rates)
    open: int = 0
    looks_ms: list[float] = field(default_factory=list)  # the sweep's own query, finding nothing
    plan: str = ""


def measure(due: int, rounds: int, many: int = OPEN) -> Lapses:
    """All of it: `due` at a time in each round, first with little else in the tables, then among `many` open reports."""
    sweeping.collect_seldom()
    found, shift = Lapses(), 0
    ways: list[tuple[str, Rates, Callable[[], None]]] = [
        ("C", found.clock, _clock), ("A", found.alone, _alone), ("T", found.two, _two), ("F", found.floor, _bare),
    ]  # fmt: skip
    for number in range(rounds):
        for prefix, rates, sweep in ways:
            _round(rates, sweep, f"{prefix}{number}", due, shift := shift + 1)
    found.open = len(rows.reports("Z", many, ago="1 minute", state="sent", only_open=True)) if many else 0
    _tidy()
    found.looks_ms, found.plan = looks()
    for prefix, rates, sweep in (("L", found.large, _clock), ("G", found.large_floor, _bare)):
        _round(rates, sweep, prefix, due, shift := shift + 1)
    return found


def looks(times: int = LOOKS) -> tuple[list[float], str]:
    """Milliseconds of the sweep's own query where nothing is due, and how PostgreSQL plans it, as a statement it has kept."""
    took = []
    for _ in range(times):
        with transaction.atomic():
            at, began = now(), time.perf_counter()
            claim(at, BATCH)
            took.append(1000 * (time.perf_counter() - began))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {CLAIM}", {"at": now(), "most": BATCH, "but": []})
        return took, "\n".join(str(line) for (line,) in cursor.fetchall())


def _round(rates: Rates, sweep: Callable[[], None], prefix: str, due: int, shift: int) -> None:
    rows.reports(prefix, due, ago="3 hours", state="sent", only_open=True, shift=shift * due)
    _tidy()
    server, before = postmaster(settings.DATABASE_OWNER_URL), _lapsed()
    python, postgres, began = _own(), cpu_seconds(server), time.perf_counter()
    sweep()
    seconds = time.perf_counter() - began
    fired = _lapsed() - before
    if fired != due:
        raise RuntimeError(f"{fired} of {due} lapses fired")
    rates.a_second.append(due / seconds)
    rates.python.append(1000 * (_own() - python) / due)
    rates.postgres.append(1000 * (cpu_seconds(server) - postgres) / due)


def _own() -> float:
    """Processor time of this process and of children that have ended: PostgreSQL is a child too, and lives."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _tidy() -> None:
    with rows.owner() as owner:
        owner.autocommit = True
        owner.execute("VACUUM ANALYZE reporting_duty, reporting_report")


def _lapsed() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reporting_lapse")
        return int((cursor.fetchone() or (0,))[0])


def _clock() -> None:
    while sweeping.sweep():
        pass


def _alone() -> None:
    while fire_due(most=BATCH):
        pass


def _two() -> None:
    """Two clocks without helpers, each a process with connections of its own."""
    connection.close()  # neither a session nor a pool survives a fork
    connection.close_pool()  # type: ignore[attr-defined]
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            _alone()
        os._exit(0)
    _alone()
    os.waitpid(child, 0)


def _bare() -> None:
    while _floor():
        pass


def _floor() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FLOOR, {"most": BATCH})
        return int(cursor.rowcount)

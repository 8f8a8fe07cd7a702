# ruff: noqa: S608 - rules are constants, put together from constants
"""What must be true of every deadline and notice, whatever was killed on the way: SQL over rows and facts, not the code it judges.

Each rule selects what breaks it. `at` is a moment up to which everything due must have fired; what officers were told they did is in the
table `faults_answer`, written by who asked, outside the portal's own tables; so are the letters in `faults_letter` (see `letters`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import Connection

from tests.faults import deadlines, promised, telling

TABLES = """
CREATE TABLE IF NOT EXISTS faults_answer (duty bigint, verb text, said_at timestamptz NOT NULL DEFAULT clock_timestamp());
GRANT SELECT, INSERT ON faults_answer TO candour_app;
CREATE TABLE IF NOT EXISTS faults_letter (key text);
CREATE TABLE IF NOT EXISTS faults_left (notice bigint PRIMARY KEY);
"""
RULES = {**deadlines.RULES, **telling.RULES, **promised.RULES}
AFTER_DELIVERY = {**RULES, **telling.AFTER_DELIVERY}
SETTLED = """
SELECT (SELECT count(*) FROM reporting_lapse)
    + count(*) FILTER (WHERE opened_at < open_due_at) + count(*) FILTER (WHERE opened_at < open_due_at AND ended_at < act_due_at)
FROM reporting_duty
"""
DELAYS = """
SELECT count(*), coalesce(max(extract(epoch FROM fired_at - due_at)), 0),
    coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM fired_at - due_at)), 0) FROM reporting_lapse
"""


@dataclass
class Verdict:
    """`broken`: for each rule, how many break it and the first few. `settled`: deadlines of duties that were met or fired.

    `kept` and `missed` count promises that a reporter hears by a time.
    """

    broken: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    settled: int = 0
    lapses: int = 0
    worst_seconds: float = 0.0
    median_seconds: float = 0.0
    kept: int = 0
    missed: int = 0

    @property
    def good(self) -> bool:
        return not any(many for many, _ in self.broken.values())

    def lines(self) -> str:
        told = [
            (
                f"{self.settled:,} deadlines came to their end, {self.lapses:,} of them as lapses; the worst "
                f"fired {self.worst_seconds:.2f} s after it was due, half within {self.median_seconds:.2f} s; "
                f"reporters heard in time {self.kept:,} times, and {self.missed:,} times they did not"
            ),
            "  " + ", ".join(f"{many:,} {name}" for name, (many, _) in self.broken.items()),
        ]
        return "\n".join([*told, *(f"    {name}: {one}" for name, (_, some) in self.broken.items() for one in some)])


def check(connection: Connection[Any], at: datetime, rules: Mapping[str, str] = RULES) -> Verdict:
    """Hold every rule against the database. `connection`: its owner. `AFTER_DELIVERY` are those once `letters.deliver` is done."""
    found = Verdict()
    for name, rule in rules.items():
        row = connection.execute(f"SELECT count(*), (array_agg(said))[1:5] FROM ({rule}) AS found (said)".encode(), {"at": at}).fetchone()
        found.broken[name] = (row[0], row[1] or []) if row else (0, [])
    found.settled = _row(connection, SETTLED)[0]
    found.kept, found.missed = _row(connection, promised.COUNTED)
    found.lapses, worst, median = _row(connection, DELAYS)
    found.worst_seconds, found.median_seconds = float(worst), float(median)
    return found


def settled(connection: Connection[Any]) -> int:
    return int(_row(connection, SETTLED)[0])


def _row(connection: Connection[Any], query: str) -> tuple[Any, ...]:
    return connection.execute(query.encode()).fetchone() or ()

"""The record's own figures: what it costs to append, how fast it is verified, and what a proof takes among ten million facts.

The floor of appending is a plain audit table: the same five values, a default time, two indexes as large, and the same commits. It is
measured twice: by writers that do nothing else than send one prepared INSERT after the other, and by writers that call `record.append` as
every verb of the portal does, whose floor is the same call into the plain table.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
from django.db import connection, transaction

from portal.record import appending

WRITERS = (1, 8, 32)
COST_AIM, VERIFY_AIM, PROOF_AIM_MS, RECEIPT_AIM = 0.25, 200_000, 1.0, 4_096
PLAIN = """
CREATE TABLE bench_audit (id bigserial PRIMARY KEY, kind text NOT NULL, subject text NOT NULL, actor text NOT NULL, facts text NOT NULL,
    sealed text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX ON bench_audit (subject, id);
CREATE INDEX ON bench_audit (kind, at);
GRANT SELECT, INSERT ON bench_audit TO candour_app;
GRANT USAGE ON SEQUENCE bench_audit_id_seq TO candour_app;
"""
INSERT = "INSERT INTO {} (kind, subject, actor, facts, sealed) VALUES (%s, %s, %s, %s, %s)"
PLAIN_WHOLE = (
    appending.INSERT.replace("record_fact", "bench_audit")
    + "id, kind, subject, actor, facts, sealed, id, at, ''::bytea, ''::bytea, NULL, 2"
)
FACTS = (
    '{"act_due_at":"2026-11-24T14:02:07.123456Z","duty":123,"from_at":"2026-11-23T14:02:07.123456Z",'
    f'"holder":"person:{uuid.UUID(int=7)}","level":1,"open_due_at":"2026-11-23T16:02:07.123456Z","seq":1,"skipped":[],"why":"sent"}}'
)
SEALED = f'{{"message":"hmac-sha256:{"a" * 64}"}}'
FACTS_A_CHAIN = 6
WARM = 30  # facts before each writer is timed: a pool's connections have long planned and compiled what they run


@dataclass
class Figures:
    """Facts a second with the record and without, for each number of writers; and what the rest came to."""

    appended: dict[int, tuple[float, float]] = field(default_factory=dict)
    called: dict[int, tuple[float, float]] = field(default_factory=dict)
    verifier: float = 0.0
    verify_record: float = 0.0
    proof_ms: tuple[float, float] = (0.0, 0.0)
    receipt: int = 0
    verified: int = 0
    leaves: int = 0

    def lines(self) -> str:
        told = ["", *_costs("bare INSERTs", self.appended), *_costs("record.append", self.called)]
        told.append(
            f"full verification: {self.verifier:,.0f} facts with their rows a second and core with candour_verify.py (aim {VERIFY_AIM:,}: "
            f"{_met(self.verifier >= VERIFY_AIM)}), {self.verify_record:,.0f} a second with verify_record over {self.verified:,} rows"
        )
        least, middle = self.proof_ms
        proof = f"{middle:.2f} ms, at best {least:.2f} ms (aim {PROOF_AIM_MS:.0f} ms: {_met(middle <= PROOF_AIM_MS)})"
        receipt = f"{self.receipt:,} bytes (aim {RECEIPT_AIM:,}: {_met(self.receipt <= RECEIPT_AIM)})"
        told.append(f"among {self.leaves:,} facts: proof {proof}; receipt {receipt}")
        return "\n".join(told)


def _costs(title: str, found: dict[int, tuple[float, float]]) -> list[str]:
    told = [f"{title:<14} {'writers':>7} {'facts/s':>9} {'without':>9} {'cost':>6}"]
    for writers, (ours, plain) in found.items():
        cost = 1 - ours / plain
        aim = f"  aim {COST_AIM:.0%} {_met(cost <= COST_AIM)}" if writers == 8 else ""
        told.append(f"{writers:>22} {ours:>9,.0f} {plain:>9,.0f} {cost:>6.0%}{aim}")
    return told


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def measure(quick: bool) -> Figures:
    """All of it; `quick` on a tenth."""
    figures = Figures()
    seconds, rounds = (0.5, 2) if quick else (2.0, 3)
    with _owner() as owner:
        owner.execute(PLAIN)
    for writers in WRITERS:
        figures.appended[writers] = appended(_insert, writers, seconds, rounds)
        figures.called[writers] = appended(_append, writers, seconds, rounds)
    figures.verified, figures.verify_record = verified_rows(20_000 if quick else 200_000)
    figures.verifier = verified_export(100_000 if quick else 1_000_000)
    figures.leaves = 1_000_000 if quick else 10_000_000
    figures.proof_ms, figures.receipt = proofs(figures.leaves)
    return figures


# --- Appending -----------------------------------------------------------------------------------------------------------------


def appended(write: Callable[..., int], writers: int, seconds: float, rounds: int) -> tuple[float, float]:
    """Facts a second with the record and without, by turns; the middle round of each. Every fact is a transaction of its own."""
    ours, plain = [], []
    for _ in range(rounds):
        plain.append(_written(write, "bench_audit", writers, seconds))
        ours.append(_written(write, "record_fact", writers, seconds))
    return statistics.median(ours), statistics.median(plain)


def _written(write: Callable[..., int], table: str, writers: int, seconds: float) -> float:
    connection.close()  # neither a session nor a pool survives a fork
    connection.close_pool()  # type: ignore[attr-defined]
    context = multiprocessing.get_context("fork")
    gate, counts = context.Barrier(writers), context.Queue()
    running = [context.Process(target=_count, args=(write, table, seconds, gate, counts)) for _ in range(writers)]
    for one in running:
        one.start()
    total = sum(counts.get(timeout=60 + seconds) for _ in running)
    for one in running:
        one.join()
    return float(total) / seconds


def _count(write: Callable[..., int], table: str, seconds: float, gate: Any, counts: Any) -> None:
    gc.freeze()  # sessions that the parent left behind are not this process's to end: their sockets may be others' by now
    counts.put(write(table, seconds, gate))


def _insert(table: str, seconds: float, gate: Any) -> int:
    """One writer of bare INSERTs, as the application's role."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0) as session:
        statement = INSERT.format(table).encode()
        return _timed(lambda subject: session.execute(statement, ["duty.passed", subject, "process:clock", FACTS, SEALED]), seconds, gate)


def _append(table: str, seconds: float, gate: Any) -> int:
    """One writer that calls `record.append`; without the record the same statement writes into the plain table."""
    facts, sealed = json.loads(FACTS), json.loads(SEALED)

    def write(subject: str) -> None:
        with transaction.atomic():
            appending.append(kind="duty.passed", subject=subject, actor="process:clock", facts=facts, sealed=sealed)

    whole = appending.WHOLE if table == "record_fact" else PLAIN_WHOLE
    with mock.patch.object(appending, "WHOLE", whole):
        return _timed(write, seconds, gate)


def _timed(write: Callable[[str], object], seconds: float, gate: Any) -> int:
    """How many facts in so many seconds, with subjects of its own as people have."""
    _write_until(write, lambda done: done < WARM)
    gate.wait(60)
    until = time.perf_counter() + seconds
    return _write_until(write, lambda _: time.perf_counter() < until)


def _write_until(write: Callable[[str], object], goes_on: Callable[[int], bool]) -> int:
    done, subject = 0, ""
    while goes_on(done):
        if done % FACTS_A_CHAIN == 0:
            subject = f"report:{uuid.uuid4()}"
        write(subject)
        done += 1
    return done


# --- Verifying -----------------------------------------------------------------------------------------------------------------


def verified_rows(many: int) -> tuple[int, float]:
    """Rows of the record, `many` of them new, and how many of them `verify_record` checks in a second."""
    from django.conf import settings

    from portal.record import cross_checks
    from portal.record.keeping import Keeper
    from portal.record.verifying import verify

    with _owner() as owner:
        owner.execute(
            "INSERT INTO record_fact (kind, subject, actor, facts, sealed) "
            "SELECT 'duty.passed', 'report:' || md5((n / %s)::text), 'process:clock', %s, %s FROM generate_series(1, %s) AS n",
            [FACTS_A_CHAIN, FACTS, SEALED, many],
        )
        keeper = Keeper(settings.DATABASE_SEQUENCER_URL, settings.RECORD_ORIGIN)
        while keeper.round():
            pass
        keeper.close()
        owner.execute("VACUUM ANALYZE record_fact")
    with mock.patch.object(cross_checks, "registered", dict):  # the bench's reports and duties were put in without facts
        began = time.perf_counter()
        found = verify()
    return found.size, found.size / (time.perf_counter() - began)


def verified_export(many: int) -> float:
    """Facts a second of processor time that the stand-alone verifier checks, in an export of `many` made-up facts."""
    from tests.bench.export import synthetic

    with tempfile.TemporaryDirectory(prefix="candour-bench-") as home:
        vkey = synthetic(Path(home), many)
        script = Path(__file__).resolve().parents[2] / "portal" / "record" / "verifier" / "candour_verify.py"
        before = os.times()
        done = subprocess.run([sys.executable, str(script), home, "--key", vkey], capture_output=True, text=True, check=False)
        after = os.times()
        if done.returncode != 0:
            raise RuntimeError(f"the export was called bad:\n{done.stdout}{done.stderr}")
    return many / (after.children_user + after.children_system - before.children_user - before.children_system)


# --- Proofs --------------------------------------------------------------------------------------------------------------------


def proofs(many: int) -> tuple[tuple[float, float], int]:
    """Milliseconds, best and middle, to read an inclusion proof among `many` leaves from the tiles, and the bytes of a receipt there."""
    import random

    from portal.record.tiles import Tiles
    from tests.bench.export import receipt_size

    chance = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="candour-bench-") as home:
        tiles = Tiles(Path(home) / "tiles")
        for start in range(0, many, 100_000):
            tiles.grow([sha256(number.to_bytes(8)).digest() for number in range(start, min(start + 100_000, many))])
        times: list[float] = []
        for index in (chance.randrange(many) for _ in range(1_000)):
            began = time.perf_counter()
            path = tiles.inclusion(index, many)
            times.append(1000 * (time.perf_counter() - began))
        size = receipt_size(FACTS, SEALED, path, many)
    return (min(times), statistics.median(times)), size


def _owner() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)


def only(names: Sequence[str] | None) -> bool:
    """Whether `--only` leaves this section in."""
    return not names or "record" in names

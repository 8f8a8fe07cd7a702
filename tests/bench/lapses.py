"""Deadlines fired a second, beside one SQL statement that claims, ends, notes and passes the same duties without facts and notices."""

from __future__ import annotations

import time

from django.db import connection, transaction

from reporting.lapsing import fire_due
from tests.bench import rows

BATCH = 1_000
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


def rates(due: int, rounds: int) -> tuple[list[float], list[float]]:
    """Lapses a second of the portal and of the floor, in turn, `due` at a time."""
    ours, theirs = [], []
    for number in range(rounds):
        _make(f"P{number}", due, number * 2)
        ours.append(due / _timed(lambda: fire_due(most=BATCH), due))
        _make(f"F{number}", due, number * 2 + 1)
        theirs.append(due / _timed(_bare, due))
    return ours, theirs


def _make(prefix: str, due: int, shift: int) -> None:
    rows.reports(prefix, due, ago="3 hours", state="sent", only_open=True, shift=shift * due)
    with rows.owner() as owner:
        owner.autocommit = True
        owner.execute("VACUUM ANALYZE reporting_duty, reporting_report")


def _timed(sweep: object, due: int) -> float:
    assert callable(sweep)
    began, fired = time.perf_counter(), 0
    while batch := sweep():
        fired += batch
    seconds = time.perf_counter() - began
    if fired != due:
        raise RuntimeError(f"{fired} of {due} lapses fired")
    return seconds


def _bare() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FLOOR, {"most": BATCH})
        return int(cursor.rowcount)

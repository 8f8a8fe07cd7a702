"""Insert many lapses or duties in one statement each: the sweep's budget does not allow a parameter for every value."""

from __future__ import annotations

import json
from collections.abc import Sequence

from portal.postgres.base import rows
from reporting.models import Duty, Lapse

LAPSES = """
INSERT INTO reporting_lapse (duty_id, deadline, due_at, fired_at)
SELECT * FROM unnest(%b::bigint[], %b::text[], %b::timestamptz[], %b::timestamptz[])
RETURNING id
"""
DUTIES = """
INSERT INTO reporting_duty (report_id, seq, level, holder_id, post_id, why, skipped, state, from_at, open_due_at, act_due_at, next_due_at)
SELECT * FROM unnest(
    %b::uuid[], %b::smallint[], %b::smallint[], %b::uuid[], %b::bigint[], %b::text[], %b::jsonb[], %b::text[],
    %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[])
RETURNING id, report_id
"""


def insert_lapses(lapses: Sequence[Lapse]) -> None:
    given = [(lapse.duty_id, str(lapse.deadline), lapse.due_at, lapse.fired_at) for lapse in lapses]
    if given:
        rows(LAPSES, [list(column) for column in zip(*given, strict=True)])


def insert_duties(duties: Sequence[Duty]) -> None:
    """Insert new duties, one a report, and give each its key."""
    if not duties:
        return
    columns = [list(column) for column in zip(*(_row(duty) for duty in duties), strict=True)]
    keys = {report: key for key, report in rows(DUTIES, columns)}
    for duty in duties:
        duty.pk, duty._state.adding = keys[duty.report_id], False


def _row(duty: Duty) -> tuple[object, ...]:
    who = (duty.report_id, duty.seq, duty.level, duty.holder_id, duty.post_id, str(duty.why), json.dumps(duty.skipped), str(duty.state))
    return (*who, duty.from_at, duty.open_due_at, duty.act_due_at, duty.next_due_at)

"""Reckon: bring the figures up to what the record says, for the reports that something was recorded of since the last time.

Every change of a duty is a fact, and facts are given their places in the tree once they are committed, so the place of the last one counted
says what is new; a fact committed late is not missed. Of the reports touched every duty is measured again, and the months and units
they are in are added up again; the rest is left alone. One round takes everything that waits: if it took a part, which part would depend on
reports that some who look at figures must not learn of.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from portal.postgres.base import rows
from portal.record.appending import now
from reporting.counting import buckets
from reporting.models import Figure, Measured, Reckoned, Report

MOST_AT_ONCE = 10_000
Place = tuple[int | None, date]  # a unit and a month

SIZE = "SELECT coalesce(max(leaf_index) + 1, 0) FROM record_fact"
TOUCHED = """
SELECT DISTINCT substr(subject, 8)::uuid FROM record_fact
WHERE leaf_index >= %s AND leaf_index < %s AND subject ~ '^report:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
"""
FORGET = "DELETE FROM reporting_measured WHERE report_id = ANY(%b::uuid[]) RETURNING unit_id, month"
MEASURE = f"""
INSERT INTO reporting_measured
    (duty_id, report_id, unit_id, month, kept_back, categories, lapsed, aside, told_opened, opened_acted, passed_acted)
SELECT duty.id, report.id, CASE WHEN report.confidential THEN NULL ELSE report.unit_id END,
    date_trunc('month', duty.from_at AT TIME ZONE 'Europe/London')::date, report.confidential, report.categories,
    EXISTS (SELECT FROM reporting_lapse WHERE duty_id = duty.id),
    (SELECT count(*) FROM record_fact AS fact WHERE fact.subject = 'report:' || report.id AND fact.kind = 'duty.stepped_aside'
        AND fact.facts::jsonb -> 'duty' = to_jsonb(duty.id)),
    {buckets.SQL.format("(duty.opened_at - duty.told_at)")},
    {buckets.SQL.format("(coalesce(duty.acted_at, decision.decided_at) - duty.opened_at)")},
    {buckets.SQL.format("(coalesce(duty.acted_at, decision.decided_at) - duty.from_at)")}
FROM reporting_duty AS duty JOIN reporting_report AS report ON report.id = duty.report_id
LEFT JOIN reporting_decision AS decision ON decision.duty_id = duty.id
WHERE report.id = ANY(%b::uuid[]) AND report.state <> 'erased'
RETURNING unit_id, month
"""  # noqa: S608 - constants
# What one measured duty adds: a row for each category and for all of them, and each thing counted.
SPREAD = """
CROSS JOIN LATERAL (SELECT '' AS category UNION SELECT unnest(measured.categories)) AS belongs
CROSS JOIN LATERAL (VALUES
    ('duties', 0, 1), ('lapsed', 0, measured.lapsed::integer), ('aside', 0, measured.aside::integer),
    ('told_opened', measured.told_opened, 1), ('opened_acted', measured.opened_acted, 1), ('passed_acted', measured.passed_acted, 1)
) AS adds (what, bucket, number)
"""
CLEAR = """
DELETE FROM reporting_figure AS figure USING unnest(%b::bigint[], %b::date[]) AS place (unit, month)
WHERE figure.month = place.month AND figure.unit_id IS NOT DISTINCT FROM place.unit RETURNING 1
"""
ADD_UP = f"""
INSERT INTO reporting_figure (unit_id, month, category, kept_back, what, bucket, number)
SELECT measured.unit_id, measured.month, category, measured.kept_back, what, bucket, sum(number)
FROM unnest(%b::bigint[], %b::date[]) AS place (unit, month)
JOIN reporting_measured AS measured ON measured.month = place.month AND measured.unit_id IS NOT DISTINCT FROM place.unit
{SPREAD}
WHERE bucket IS NOT NULL AND number > 0
GROUP BY measured.unit_id, measured.month, category, measured.kept_back, what, bucket
RETURNING 1
"""  # noqa: S608 - constants


@transaction.atomic
def reckon() -> int:
    """Count what is new in the record; return of how many reports. Counting again changes nothing."""
    reckoned, ((size,),) = _lock(), rows(SIZE)
    since = reckoned.leaf_index if reckoned.leaf_index <= size else 0  # an older record was restored
    touched = [key for (key,) in rows(TOUCHED, [since, size])]
    _measure(touched)
    Reckoned.objects.filter(pk=reckoned.pk).update(leaf_index=size, at=now())
    return len(touched)


@transaction.atomic
def reckon_all() -> int:
    """Forget every figure and count anew, of every report as the tables have it, also what the record has not placed yet.

    For the operator, where figures are not what the tables say: after a restore, or after the way of counting changed. Return of how many.
    """
    reckoned = _lock()
    Measured.objects.all().delete()
    Figure.objects.all().delete()
    keys = list(Report.objects.values_list("pk", flat=True))
    _measure(keys)
    Reckoned.objects.filter(pk=reckoned.pk).update(at=now())
    return len(keys)


def forget(report: Report) -> None:
    """Take a report out of the figures at once, in the caller's transaction: who must not learn of it is about to be erased with it."""
    _lock()
    _add_up(rows(FORGET, [[report.pk]]))


def _lock() -> Reckoned:
    """Whoever counts holds the one row; the report's row, where it is held too, comes first."""
    held = Reckoned.objects.select_for_update().first()
    if held is None:
        Reckoned.objects.get_or_create(pk=1)
        held = Reckoned.objects.select_for_update().get()
    return held


def _measure(reports: Sequence[uuid.UUID]) -> None:
    touched: set[Place] = set()
    for start in range(0, len(reports), MOST_AT_ONCE):
        some = list(reports[start : start + MOST_AT_ONCE])
        touched.update(rows(FORGET, [some]))
        touched.update(rows(MEASURE, [some]))
    _add_up(touched)


def _add_up(places: Iterable[Place]) -> None:
    once = list(set(places))
    columns = [[unit for unit, _ in once], [month for _, month in once]]
    if once:
        rows(CLEAR, columns)
        rows(ADD_UP, columns)

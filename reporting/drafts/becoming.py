"""A draft becomes a report: one statement writes the report and who is excluded, hands the files over, and removes the draft."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import connection

from reporting.choices import Excluded
from reporting.models import Promise, Report

# Foreign keys are checked when the transaction ends, so rows that point at each other may be written together.
STATEMENT = """
WITH report AS (
    INSERT INTO reporting_report
        (id, reference, reporter_id, unit_id, container, state, categories, at_risk_now, confidential, group_digest, ladder,
         sent_at)
    VALUES (%(id)s, %(reference)s, %(reporter)s, %(unit)s, %(container)s, %(state)s, %(categories)s, %(at_risk_now)s, %(confidential)s,
        %(group_digest)s, %(ladder)s, %(sent_at)s)
), excluded AS (
    INSERT INTO reporting_exclusion (report_id, person_id, why)
    SELECT %(id)s, given.person, given.why FROM unnest(%(people)s::uuid[], %(why)s::text[]) AS given (person, why)
), promise AS (
    INSERT INTO reporting_promise (report_id, seq, terms, state, made_at, due_at)
    VALUES (%(id)s, 1, %(terms)s, 'open', %(sent_at)s, %(hear_by)s)
), files AS (
    UPDATE reporting_attachment SET draft_id = NULL, report_id = %(id)s WHERE draft_id = %(id)s RETURNING id, commitment
), draft AS (
    DELETE FROM reporting_draft WHERE id = %(id)s
)
SELECT id, commitment FROM files
"""


def become(report: Report, exclusions: Mapping[uuid.UUID, Excluded], promise: Promise) -> dict[uuid.UUID, str]:
    """Write `report`, whose key is the draft's, with its first promise, and return the commitments of its files by key.

    Raises IntegrityError for a reference drawn twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, _values(report, exclusions, promise))
        report._state.adding = False
        return dict(cursor.fetchall())


def _values(report: Report, exclusions: Mapping[uuid.UUID, Excluded], promise: Promise) -> dict[str, Any]:
    return {
        "id": report.pk,
        "reference": report.reference,
        "reporter": report.reporter_id,
        "unit": report.unit_id,
        "container": report.container,
        "state": str(report.state),
        "categories": report.categories,
        "at_risk_now": report.at_risk_now,
        "confidential": report.confidential,
        "group_digest": report.group_digest,
        "ladder": json.dumps(report.ladder),
        "sent_at": report.sent_at,
        "terms": json.dumps(promise.terms),
        "hear_by": promise.due_at,
        "people": list(exclusions),
        "why": [str(why) for why in exclusions.values()],
    }

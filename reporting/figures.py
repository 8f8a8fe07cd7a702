"""How long duties take, by unit: medians of passed to opened, passed to acted and told to opened, for charts and tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from portal.people.models import Person

# Lapses are counted by duty: a duty that missed both deadlines missed one duty.
TIMES = """
SELECT coalesce(unit.code, ''), coalesce(unit.name, 'No unit'), count(*), count(lapsed.duty_id),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY duty.opened_at - duty.from_at) FILTER (WHERE duty.opened_at IS NOT NULL),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY duty.acted_at - duty.from_at) FILTER (WHERE duty.acted_at IS NOT NULL),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY duty.opened_at - duty.told_at) FILTER (WHERE duty.opened_at >= duty.told_at)
FROM reporting_duty AS duty
JOIN reporting_report AS report ON report.id = duty.report_id
LEFT JOIN people_unit AS unit ON unit.id = report.unit_id
LEFT JOIN LATERAL (SELECT duty_id FROM reporting_lapse WHERE duty_id = duty.id LIMIT 1) AS lapsed ON true
WHERE report.state <> 'erased'
    AND (%(since)s::timestamptz IS NULL OR report.sent_at >= %(since)s) AND (%(units)s::text[] IS NULL OR unit.code = ANY(%(units)s))
    AND (%(with_confidential)s OR NOT report.confidential)
    AND NOT EXISTS (SELECT FROM reporting_exclusion AS hidden WHERE hidden.report_id = report.id AND hidden.person_id = %(viewer)s::uuid)
GROUP BY unit.code, unit.name ORDER BY unit.code NULLS LAST
"""


@dataclass(frozen=True, slots=True)
class UnitTimes:
    """One unit: duties on its reports, how many of them missed a deadline, and three medians, None where nothing was measured.

    `sent_to_opened` and `sent_to_acted` run from when the duty passed to its holder, `told_to_opened` from the first delivered notice,
    of duties opened after it.
    """

    code: str
    name: str
    duties: int
    lapsed: int
    sent_to_opened: timedelta | None
    sent_to_acted: timedelta | None
    told_to_opened: timedelta | None


def times_by_unit(
    units: Iterable[str] | None = None, *, since: datetime | None = None, viewer: Person | None = None, with_confidential: bool = True
) -> list[UnitTimes]:
    """One row for each unit that sent reports, of all units or of `units` by code, for reports sent since a time or ever.

    Reports that `viewer` must not learn of are not counted, and erased ones for nobody: who must not learn of those is not known any
    more. Without `with_confidential` neither are those whose reporter's name and unit are kept from the holder: in a unit with few
    reports, a count that goes up says where a report came from.
    """
    given: dict[str, Any] = {
        "units": list(units) if units is not None else None,
        "since": since,
        "viewer": viewer.pk if viewer else None,
        "with_confidential": with_confidential,
    }
    with connection.cursor() as cursor:
        cursor.execute(TIMES, given)
        return [UnitTimes(*row) for row in cursor.fetchall()]

"""How often people step aside, for whoever oversees it: per holder for professional standards, per unit of holders for the figures.

Counted are reports, each once for a person: a holder who stepped aside, or a member of a desk whose duty stayed there. Reports that
`viewer` must not learn of are not counted, and erased ones for nobody: who had stepped aside from those was erased with them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.people.models import Person
from portal.postgres.base import rows

SMALLEST = 5  # a smaller number in a figure that is not for professional standards may point at somebody
OFTEN = 3

ASIDE = """
FROM reporting_exclusion AS aside
JOIN reporting_report AS report ON report.id = aside.report_id AND report.state <> 'erased'
JOIN people_person AS person ON person.id = aside.person_id
LEFT JOIN people_unit AS unit ON unit.id = person.unit_id
LEFT JOIN LATERAL (
    SELECT max(duty.ended_at) AS at FROM reporting_duty AS duty
    WHERE duty.report_id = aside.report_id AND duty.holder_id = aside.person_id AND duty.state = 'stepped_aside'
) AS ended ON true
WHERE aside.why = 'declared' AND (%(since)s::timestamptz IS NULL OR coalesce(ended.at, report.sent_at) >= %(since)s)
    AND (%(units)s::text[] IS NULL OR unit.code = ANY(%(units)s))
    AND NOT EXISTS (SELECT FROM reporting_exclusion AS hidden WHERE hidden.report_id = report.id AND hidden.person_id = %(viewer)s::uuid)
"""
PER_HOLDER = f"""
SELECT person.id, count(*), max(coalesce(ended.at, report.sent_at)) {ASIDE}
GROUP BY person.id HAVING count(*) >= %(least)s::integer ORDER BY 2 DESC, 3 DESC, 1 LIMIT %(most)s::integer
"""
PER_UNIT = f"""
SELECT coalesce(unit.code, ''), coalesce(unit.name, 'No unit'), count(*) {ASIDE} GROUP BY unit.code, unit.name ORDER BY unit.code NULLS LAST
"""


@dataclass(frozen=True, slots=True)
class HolderAsides:
    """Somebody, from how many reports they stepped aside, and when last."""

    person: Person
    times: int
    last_at: datetime

    @property
    def is_often(self) -> bool:
        return self.times >= OFTEN


@dataclass(frozen=True, slots=True)
class UnitAsides:
    """A unit, by its holders, and how often they stepped aside."""

    code: str
    name: str
    times: int

    @property
    def shown(self) -> int | None:
        """For figures: None for a number that is small enough to point at somebody."""
        return self.times if self.times >= SMALLEST else None


def per_holder(*, viewer: Person, since: datetime | None = None, least: int = 1, most: int = 100) -> list[HolderAsides]:
    """Whoever stepped aside from at least `least` reports, the most often first. For professional standards alone."""
    found: list[tuple[uuid.UUID, int, datetime]] = list(rows(PER_HOLDER, {**_asked(viewer, since, None), "least": least, "most": most}))
    people = Person.objects.select_related("unit").in_bulk([key for key, _, _ in found])
    return [HolderAsides(people[key], times, last_at) for key, times, last_at in found]


def per_unit(units: Iterable[str] | None = None, *, viewer: Person | None = None, since: datetime | None = None) -> list[UnitAsides]:
    """One row for each unit whose holders stepped aside, of all units or of `units` by code. Figures show `shown`, never `times`."""
    return [UnitAsides(*row) for row in rows(PER_UNIT, _asked(viewer, since, units))]


def _asked(viewer: Person | None, since: datetime | None, units: Iterable[str] | None) -> dict[str, Any]:
    return {"viewer": viewer.pk if viewer else None, "since": since, "units": list(units) if units is not None else None}

"""How often people step aside, per person, for professional standards; figures count it per unit (`reporting.counting.reckoning`).

Counted are reports, each once for a person: a holder who stepped aside, or a member of a desk whose duty stayed there. Reports that
`viewer` must not learn of are not counted, and erased ones for nobody: who had stepped aside from those was erased with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.people.models import Person
from portal.postgres.base import rows
from portal.ui.paging import Beginning

OFTEN = 3
MOST = 100

# From the facts of stepping aside by their kind, so that it costs what was stepped aside from and not what was ever reported.
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PER_HOLDER = f"""
SELECT aside.person_id, count(DISTINCT report.id), max(told.at), count(*) OVER ()
FROM (
    SELECT at, CASE WHEN subject ~ '^report:{UUID}$' THEN substr(subject, 8)::uuid END AS report_id,
        CASE WHEN actor ~ '^person:{UUID}$' THEN substr(actor, 8)::uuid END AS person_id
    FROM record_fact WHERE kind = 'duty.stepped_aside'
) AS told
JOIN reporting_report AS report ON report.id = told.report_id AND report.state <> 'erased'
JOIN reporting_exclusion AS aside ON aside.report_id = report.id AND aside.person_id = told.person_id AND aside.why = 'declared'
WHERE NOT EXISTS (SELECT FROM reporting_exclusion AS hidden WHERE hidden.report_id = report.id AND hidden.person_id = %(viewer)s::uuid)
GROUP BY aside.person_id ORDER BY 2 DESC, 3 DESC, 1 LIMIT %(most)s::integer
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class HolderAsides:
    """Somebody, from how many reports they stepped aside, and when last."""

    person: Person
    times: int
    last_at: datetime

    @property
    def is_often(self) -> bool:
        return self.times >= OFTEN


def per_holder(*, viewer: Person) -> Beginning[HolderAsides]:
    """Whoever stepped aside, the most often first. For professional standards alone."""
    found = Beginning.counted(rows(PER_HOLDER, {"viewer": viewer.pk, "most": MOST}))
    people = Person.objects.select_related("unit").in_bulk([key for key, *_ in found])
    return found.each(lambda row: HolderAsides(people[row[0]], *row[1:]))

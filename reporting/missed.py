"""The duties somebody lost to a deadline and has not accounted for: what they did can still be recorded, as late.

The duty itself is its new holder's. This is shown where the former holder looks first, until they record something or the report is closed.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from portal.people.models import Person
from portal.postgres.base import rows
from portal.ui.paging import Beginning

MOST = 25

# As `acting.unaccounted`, of open reports this person may know of and does not hold again with a post; the latest first.
# The unit of a reporter whose name is kept back is not read at all.
MISSED = """
SELECT report.reference, report.categories, trim(concat(unit.code, ' ', unit.name)), duty.ended_at, count(*) OVER ()
FROM reporting_duty AS duty JOIN reporting_report AS report ON report.id = duty.report_id AND report.state = 'open'
LEFT JOIN people_unit AS unit ON unit.id = report.unit_id AND NOT report.confidential
WHERE duty.holder_id = %(person)s AND duty.state = 'lapsed'
  AND NOT EXISTS (SELECT FROM reporting_decision AS decision WHERE decision.duty_id = duty.id)
  AND NOT EXISTS (SELECT FROM reporting_exclusion AS hidden WHERE hidden.report_id = duty.report_id AND hidden.person_id = %(person)s)
  AND NOT EXISTS (
    SELECT FROM reporting_duty AS held JOIN people_postmember AS member ON member.post_id = held.post_id
    WHERE held.report_id = duty.report_id AND held.state IN ('sent', 'opened', 'taken_up') AND member.person_id = %(person)s
  )
ORDER BY duty.ended_at DESC, duty.id DESC
LIMIT %(most)s::integer
"""


class Missed(NamedTuple):
    """As much of a duty that lapsed, and of its report, as a list shows who held it."""

    reference: str
    categories: list[str]
    unit: str
    ended_at: datetime


def missed_by(person: Person) -> Beginning[Missed]:
    return Beginning.counted(rows(MISSED, {"person": person.pk, "most": MOST})).each(Missed._make)

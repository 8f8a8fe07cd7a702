"""All the duties somebody holds now, as rows of a list: the one page of reports that holders open many times a day."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from portal.people.models import Person
from portal.postgres.base import rows
from portal.ui.paging import limits
from reporting.models import Duty

# As `DutyQuerySet.held_by`, most urgent first.
BY_PERSON = """
WHERE duty.state IN ('sent', 'opened', 'taken_up')
  AND (
    duty.holder_id = %(person)s
    OR duty.post_id = ANY (ARRAY(SELECT member.post_id FROM people_postmember AS member WHERE member.person_id = %(person)s))
  )
  AND NOT EXISTS (SELECT FROM reporting_exclusion AS hidden WHERE hidden.report_id = duty.report_id AND hidden.person_id = %(person)s)
ORDER BY duty.next_due_at NULLS FIRST, duty.act_due_at, duty.id
"""
# The unit of a reporter whose name is kept back is not read at all.
HELD = f"""
SELECT duty.state, duty.open_due_at, duty.act_due_at, duty.next_due_at, duty.opened_at,
    report.reference, report.categories, report.at_risk_now, trim(concat(unit.code, ' ', unit.name)),
    duty.post_id IS NOT NULL, member.rank, member.first_name, member.last_name, member.id = %(person)s
FROM reporting_duty AS duty JOIN reporting_report AS report ON report.id = duty.report_id
LEFT JOIN people_unit AS unit ON unit.id = report.unit_id AND NOT report.confidential
LEFT JOIN reporting_assignment AS given ON given.duty_id = duty.id
    AND EXISTS (SELECT FROM people_postmember AS staff WHERE staff.post_id = duty.post_id AND staff.person_id = given.person_id)
    AND NOT EXISTS (SELECT FROM reporting_exclusion AS out_ WHERE out_.report_id = duty.report_id AND out_.person_id = given.person_id)
LEFT JOIN people_person AS member ON member.id = given.person_id AND member.is_active
{BY_PERSON} LIMIT %(most)s::integer OFFSET %(before)s::integer
"""  # noqa: S608 - a constant


class Held(NamedTuple):
    """As much of a duty and its report as a list shows its holder."""

    state: str
    open_due_at: datetime
    act_due_at: datetime
    next_due_at: datetime | None
    opened_at: datetime | None
    reference: str
    categories: list[str]
    at_risk_now: bool
    unit: str
    at_post: bool
    rank: int | None  # of the member of the post who works on it, with their names
    first_name: str | None
    last_name: str | None
    is_mine: bool | None
    ended_at: datetime | None = None

    @property
    def assigned(self) -> str:
        """Who of the post works on it; empty for a duty that is somebody's own."""
        if not self.at_post:
            return ""
        if self.rank is None:
            return "Unassigned"
        member = Person(rank=self.rank, first_name=self.first_name or "", last_name=self.last_name or "")
        return "Assigned to you" if self.is_mine else f"Assigned to {member.name}"


class HeldBy:
    """The duties of one person, the most urgent first, to be cut into pages."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def __getitem__(self, part: slice) -> list[Held]:
        return [Held(*row) for row in rows(HELD, {"person": self.person.pk, **limits(part)})]

    def count(self) -> int:
        return Duty.objects.all().held_by(self.person).count()

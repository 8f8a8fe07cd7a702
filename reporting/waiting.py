"""What the front page shows of reports, each by one prepared statement: this page is opened more than any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from portal.people.models import Person, Post, Role
from portal.postgres.base import Row, rows
from portal.ui.paging import limits
from reporting.firing import fired_first
from reporting.held import BY_PERSON
from reporting.models import Duty, Report
from reporting.standing import Standing, standing

MOST = 5
ASKED_TO = {"erase": "erase", "name": "open the name in"}
HELD = f"""
SELECT report.reference, duty.state, duty.open_due_at, duty.act_due_at, duty.next_due_at
FROM reporting_duty AS duty JOIN reporting_report AS report ON report.id = duty.report_id
{BY_PERSON} LIMIT %(most)s::integer
"""  # noqa: S608 - a constant
# As `standing.present_duties`.
MINE = """
SELECT report.reference, report.state, duty.state, duty.from_at, duty.next_due_at, duty.opened_at, duty.taken_up_at, duty.acted_at,
    holder.id, holder.rank, holder.first_name, holder.last_name, post.id, post.name
FROM reporting_report AS report
JOIN reporting_duty AS duty ON duty.report_id = report.id AND duty.state IN ('sent', 'opened', 'taken_up', 'acted', 'erased')
LEFT JOIN people_person AS holder ON holder.id = duty.holder_id
LEFT JOIN people_post AS post ON post.id = duty.post_id
WHERE report.reporter_id = %(person)s
ORDER BY report.sent_at DESC, report.id DESC
LIMIT %(most)s::integer
"""
ASKED = """
SELECT report.reference FROM reporting_report AS report JOIN reporting_message AS question ON question.report_id = report.id
WHERE report.reporter_id = %(person)s AND report.state = 'open' AND question.kind = 'question'
  AND NOT EXISTS (SELECT FROM reporting_message AS answer WHERE answer.answers_id = question.id)
ORDER BY question.at LIMIT %(most)s::integer
"""
# What waits for a second person, as `AskedQuerySet.waiting`. Nothing waits about a report that was erased.
ASKED_BY_COLLEAGUES = """
FROM (
    SELECT 'erase' AS page, report_id, asked_by_id, asked_at FROM reporting_erasure WHERE state = 'asked'
    UNION ALL SELECT 'name', report_id, asked_by_id, asked_at FROM reporting_nameopening WHERE state = 'asked'
) AS asked JOIN reporting_report AS report ON report.id = asked.report_id
WHERE asked.asked_by_id <> %(person)s AND report.state <> 'erased'
  AND NOT EXISTS (SELECT FROM reporting_exclusion AS hidden WHERE hidden.report_id = report.id AND hidden.person_id = %(person)s)
"""
TO_DECIDE = f"""
SELECT asked.page, report.reference, asked.asked_at {ASKED_BY_COLLEAGUES}
ORDER BY asked.asked_at, report.id LIMIT %(most)s::integer OFFSET %(before)s::integer
"""
HOW_MANY_TO_DECIDE = f"SELECT count(*) {ASKED_BY_COLLEAGUES}"


@dataclass(frozen=True, slots=True)
class Held:
    """A duty somebody holds, with its deadlines."""

    reference: str
    state: str
    open_due_at: datetime
    act_due_at: datetime
    next_due_at: datetime | None


class ToDecide(NamedTuple):
    """A request by a colleague about a report. `page`: "erase" or "name"."""

    page: str
    reference: str
    at: datetime

    @property
    def text(self) -> str:
        return f"Decide whether to {ASKED_TO[self.page]} report {self.reference}"

    @property
    def href(self) -> str:
        return f"/standards/{self.reference}/{self.page}/"


class ToDecideBy:
    """Requests by colleagues that one person may decide on as the second, the oldest first, to be cut into pages. No name is in them."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def __getitem__(self, part: slice) -> list[ToDecide]:
        return [ToDecide(*row) for row in rows(TO_DECIDE, {"person": self.person.pk, **limits(part)})] if self._decides else []

    def count(self) -> int:
        return int(rows(HOW_MANY_TO_DECIDE, {"person": self.person.pk})[0][0]) if self._decides else 0

    @property
    def _decides(self) -> bool:
        return self.person.has_role(Role.PROFESSIONAL_STANDARDS)


def my_reports(person: Person, most: int = MOST) -> list[Standing]:
    """The newest reports of this person, with who holds the duty and how far they are."""
    duties = fired_first(lambda: [_present(row) for row in rows(MINE, {"person": person.pk, "most": most})], list)
    return [standing(duty) for duty in duties]


def duties_of(person: Person, most: int = MOST) -> list[Held]:
    """The most urgent duties this person holds now, themselves or with their desk."""
    return fired_first(lambda: [Held(*row) for row in rows(HELD, {"person": person.pk, "most": most})], list)


def questions_for(person: Person, most: int = MOST) -> list[str]:
    """References of this person's reports with a question they have not answered, the oldest question first."""
    return list(dict.fromkeys(reference for (reference,) in rows(ASKED, {"person": person.pk, "most": most})))


def _present(row: Row) -> Duty:
    """As much of a duty as its sentence needs."""
    reference, report_state, state, from_at, next_due_at, opened_at, taken_up_at, acted_at, holder, *names, post, title = row
    return Duty(
        report=Report(reference=reference, state=report_state),
        state=state,
        from_at=from_at,
        next_due_at=next_due_at,
        opened_at=opened_at,
        taken_up_at=taken_up_at,
        acted_at=acted_at,
        holder=Person.from_db("default", ["id", "rank", "first_name", "last_name"], [holder, *names]) if holder else None,
        post=Post.from_db("default", ["id", "name"], [post, title]) if post else None,
    )

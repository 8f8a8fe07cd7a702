"""A report whose frozen levels cannot be read: what goes to the desk needs none, and the rest is refused with what to do instead."""

from __future__ import annotations

import html
import uuid
from datetime import timedelta
from typing import Any

import pytest

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from reporting import acting, adding, disputing, passing, reopening, stepping_aside
from reporting.choices import Conflicted, DutyState, Excluded, Outcome, ReportState, Why
from reporting.desk import excluding
from reporting.escalation import ladder, lapsing
from reporting.models import Duty, EscalationPolicy, Exclusion, Report
from reporting.reopening import Level
from reporting.tests.browsing import signed_in
from reporting.tests.making import a_line, age, break_ladder, chain, open_duty_of, send, standards_officer, the_desk
from reporting.tests.reporters import ensure_policies

pytestmark = pytest.mark.django_db
UNREAD = "The levels of this report cannot be read"
SOON = {"level": 1, "least_rank": 3, "post": None, "open_minutes": "soon", "act_minutes": "later", "calendar": None}
BROKEN: list[list[Any]] = [[], [{"level": 1}], ["x"], [SOON]]
BOTH = pytest.mark.parametrize(
    "broken", BROKEN, ids=["no levels", "a level that says nothing", "no level at all", "minutes that are words"]
)


@pytest.fixture
def people() -> list[Person]:
    ensure_policies()
    return a_line()


@pytest.fixture
def standards() -> Person:
    return standards_officer()


@pytest.fixture
def report(people: list[Person], standards: Person) -> Report:
    return send(people[0])


def closed_by(holder: Person, report: Report) -> None:
    acting.act(person=holder, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")


def shown(person: Person, address: str, data: dict[str, Any] | None = None) -> str:
    client = signed_in(person)
    answer = client.get(address) if data is None else client.post(address, data)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


@BOTH
def test_a_referral_goes_to_the_desk_with_the_deadlines_of_the_policy_in_force(
    people: list[Person], report: Report, broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    break_ladder(report, broken)
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.STANDARDS, reasons="Theirs.")
    duty, top = open_duty_of(report), ladder.in_force(urgent=False, categories=report.categories)[-1]
    assert (duty.post, duty.why, duty.seq, duty.level) == (the_desk(), Why.REFERRED, 2, top.level)
    assert duty.act_due_at - duty.from_at == timedelta(minutes=top.minutes_to_act)
    assert "no last level that can be read" in caplog.text


def test_the_desk_has_the_deadlines_of_the_reports_own_last_level_where_another_is_broken(people: list[Person], report: Report) -> None:
    break_ladder(report, [{"level": 1}, report.ladder[-1]])
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.STANDARDS, reasons="Theirs.")
    duty = open_duty_of(report)
    assert (duty.level, duty.open_due_at - duty.from_at) == (4, timedelta(minutes=240))


def test_what_was_referred_lapses_and_is_acted_on_as_any_other(people: list[Person], standards: Person, report: Report) -> None:
    break_ladder(report)
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.STANDARDS, reasons="Theirs.")
    age(report, days=2)
    assert lapsing.fire_due() == 1
    closed_by(standards, report)
    assert chain(report)[-4:] == ["deadline.missed", "deadline.missed", "duty.opened", "duty.acted"]


def test_without_a_policy_in_force_either_the_page_says_whom_to_tell(people: list[Person], report: Report) -> None:
    break_ladder(report)
    EscalationPolicy.objects.update(in_force=False)
    data = {"outcome": "standards", "reasons": "Theirs.", "confirmed": "yes", "seen": ""}
    assert "Tell an administrator" in shown(people[2], f"/duties/{report.reference}/act/", data)
    assert open_duty_of(report).holder == people[2]


@BOTH
def test_an_officer_who_cannot_step_aside_is_told_to_refer_it(people: list[Person], report: Report, broken: Any) -> None:
    break_ladder(report, broken)
    with pytest.raises(stepping_aside.NobodyElse, match=UNREAD):
        stepping_aside.step_aside(person=people[2], report_id=report.pk, reason="A cousin.")
    assert "Record instead that you refer it" in shown(people[2], f"/duties/{report.reference}/step-aside/", {"reason": "A cousin."})
    assert open_duty_of(report).holder == people[2]
    assert not Exclusion.objects.filter(person=people[2]).exists()
    assert chain(report) == ["report.sent", "duty.passed"]


def test_a_member_of_the_desk_steps_aside(people: list[Person], standards: Person) -> None:
    standards_officer()
    report = send(people[0], skip_line=True)
    break_ladder(report)
    assert stepping_aside.step_aside(person=standards, report_id=report.pk, reason="A cousin.").post == the_desk()
    assert Exclusion.objects.get(person=standards).why == Excluded.DECLARED


@BOTH
def test_it_can_be_passed_to_nobody(people: list[Person], report: Report, broken: Any) -> None:
    break_ladder(report, broken)
    with pytest.raises(passing.CannotPass, match=UNREAD):
        passing.pass_on(person=people[2], report_id=report.pk, to=people[3].pk, reason="x")
    page = shown(people[2], f"/duties/{report.reference}/pass/?q={people[3].last_name}")
    assert passing.REFER in page
    assert "Nobody found" not in page


@BOTH
def test_it_is_reopened_for_the_desk_alone(people: list[Person], standards: Person, report: Report, broken: Any) -> None:
    closed_by(people[2], report)
    break_ladder(report, broken)
    with pytest.raises(reopening.NobodyAbove, match=UNREAD):
        reopening.reopen(person=standards, report_id=report.pk, to=Level.NEXT, reason="x")
    address = f"/standards/{report.reference}/reopen/"
    assert "next level" not in shown(standards, address)
    assert signed_in(standards).post(address, {"to": "desk", "reason": "There is more."}).status_code == 302
    assert (open_duty_of(report).post, open_duty_of(report).why) == (the_desk(), Why.REOPENED)


@BOTH
def test_whoever_disputes_is_told_to_add_it_and_professional_standards_hear_of_that(
    people: list[Person], standards: Person, report: Report, broken: Any
) -> None:
    closed_by(people[2], report)
    break_ladder(report, broken)
    with pytest.raises(disputing.CannotDispute, match=UNREAD):
        disputing.dispute(reporter=people[0], report_id=report.pk, reason="x")
    address = f"/reports/{report.reference}/dispute/"
    assert disputing.ADD in shown(people[0], address, {"reason": "Nobody spoke to me.", "confirmed": "yes"})
    report.refresh_from_db()
    assert (report.state, report.duties.get().state) == (ReportState.ACTED, DutyState.ACTED)
    adding.add_to_report(reporter=people[0], report_id=report.pk, key=uuid.uuid4(), text="Nobody spoke to me.")
    assert [notice.to for notice in Outbox.objects.filter(kind="report.added")] == [standards]


def test_a_closure_by_the_desk_is_disputed_and_goes_back_to_it(people: list[Person], standards: Person) -> None:
    report = send(people[0], skip_line=True)
    closed_by(standards, report)
    break_ladder(report)
    assert disputing.dispute(reporter=people[0], report_id=report.pk, reason="x").post == the_desk()


def test_its_holder_is_excluded_once_they_have_referred_it(people: list[Person], standards: Person, report: Report) -> None:
    break_ladder(report)
    given: dict[str, Any] = {"report_id": report.pk, "whom": people[2], "why": Conflicted.SENDER, "reason": "Her number."}
    standards_officer()
    with pytest.raises(excluding.CannotExclude, match="to refer it to professional standards, then exclude them"):
        excluding.exclude(person=standards, **given)
    assert not Exclusion.objects.filter(person=people[2]).exists()
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.STANDARDS, reasons="Theirs.")
    assert excluding.exclude(person=standards, **given) is None


def test_somebody_else_is_excluded_where_nobody_can_be_found_to_be_next(people: list[Person], standards: Person) -> None:
    standards_officer()
    report = send(people[0], at_risk_now=True)
    break_ladder(report)
    excluding.exclude(person=standards, report_id=report.pk, whom=PersonFactory(), why=Conflicted.SENDER, reason="Her number.")
    assert Duty.objects.get(report=report).holder == people[2]


@pytest.mark.parametrize("page", ["/", "/duties/", "/duties/{}/", "/standards/", "/standards/{}/", "/reports/", "/reports/{}/"])
@BOTH
def test_its_pages_are_shown(people: list[Person], standards: Person, report: Report, broken: Any, page: str) -> None:
    break_ladder(report, broken)
    person = {"s": standards, "r": people[0]}.get(page[1:2], people[2])
    assert report.reference in shown(person, page.format(report.reference))

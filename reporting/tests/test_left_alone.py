"""What is due and cannot be fired is left alone by everybody alike; and what fired stays, also where the verb it fired for refuses."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portal.notices.models import Outbox
from portal.people.models import Person, Role
from portal.people.moving import Departure
from portal.people.tests.factories import PersonFactory, desk
from portal.requests.choices import Ground
from reporting import acting, adding, asking, disputing, opening, passing, reopening, stepping_aside, taking_up
from reporting.choices import DutyState, Excluded, Outcome, PromiseState, Recorded
from reporting.confidence import naming
from reporting.desk import assigning, finding, linking
from reporting.erasure import erasing
from reporting.escalation import lapsing, leavers
from reporting.escalation.leaving_alone import LeftAlone
from reporting.evidence import keeping as evidence
from reporting.evidence.inspecting import BadFile
from reporting.holding import NotYours
from reporting.models import Duty, Exclusion, Lapse, Promise, Report
from reporting.promises import breaking
from reporting.reopening import Level
from reporting.statements import stating
from reporting.statements.parts import Party
from reporting.tests import files
from reporting.tests.making import age, break_ladder, chain, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_stuck() -> Iterator[None]:
    yield
    lapsing._stuck, breaking._stuck = LeftAlone(), LeftAlone()


@pytest.fixture
def broken(people: list[Person]) -> Report:
    """Three hours past its deadline to open, with a ladder that cannot be climbed."""
    standards_officer()
    report = send(people[0])
    age(report, hours=3)
    break_ladder(report)
    return report


@pytest.mark.parametrize("verb", ["open", "take up", "act"])
def test_a_holder_whose_duty_cannot_be_passed_on_goes_on_with_it(
    people: list[Person], broken: Report, verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    doing: dict[str, Callable[[], object]] = {
        "open": lambda: opening.open_duty(person=people[2], report_id=broken.pk, why="duty"),
        "take up": lambda: taking_up.take_up(person=people[2], report_id=broken.pk),
        "act": lambda: acting.act(person=people[2], report_id=broken.pk, outcome=Outcome.LOCAL, reasons="Spoke to them."),
    }
    doing[verb]()
    duty = Duty.objects.get(report=broken)
    assert duty.opened_at is not None
    assert duty.opened_at > duty.open_due_at, "as it was: late"
    assert "could not be passed on" in caplog.text
    assert not Lapse.objects.exists()


def test_an_act_past_the_deadline_to_act_of_a_duty_that_could_not_be_passed_on_is_late(people: list[Person], broken: Report) -> None:
    age(broken, days=3)
    assert acting.act(person=people[2], report_id=broken.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.").late


@pytest.mark.parametrize("party", [Party.REPORTER, Party.STANDARDS])
def test_a_statement_of_a_report_that_cannot_be_passed_on_is_given(people: list[Person], broken: Report, party: Party) -> None:
    person = people[0] if party is Party.REPORTER else Person.objects.with_role(Role.PROFESSIONAL_STANDARDS).get()
    stating.give_statement(person=person, report_id=broken.pk, as_=party)
    assert chain(broken) == ["report.sent", "duty.passed", "statement.given"]


def test_professional_standards_work_on_a_report_that_cannot_be_passed_on(broken: Report) -> None:
    standards = Person.objects.with_role(Role.PROFESSIONAL_STANDARDS).get()
    with pytest.raises(reopening.NotClosed):
        reopening.reopen(person=standards, report_id=broken.pk, to=Level.DESK, reason="More.")
    given = finding.Given(Recorded.SEVERITY, open_duty_of(broken).from_at.date(), "", False)
    assert finding.record_finding(person=standards, report_id=broken.pk, given=given).report == broken
    assert open_duty_of(broken).state == DutyState.SENT


def test_a_leaver_goes_and_the_duty_that_cannot_be_passed_on_alone_stays(people: list[Person], broken: Report) -> None:
    sound = send(people[0])
    Person.objects.filter(pk=people[2].pk).update(is_active=False)
    assert leavers.move_duties({people[2].pk}, Departure.LEFT) == 1
    assert (open_duty_of(sound).holder, open_duty_of(broken).holder) == (people[3], people[2])


def test_a_promise_that_cannot_be_fired_stops_no_other(people: list[Person], caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = send(people[0]), send(people[0])
    Promise.objects.update(made_at="2026-01-01T00:00Z", due_at="2026-01-29T00:00Z")
    Promise.objects.filter(report=broken).update(terms={"hours": 1})
    assert [breaking.break_due(), breaking.break_due()] == [2, 0]
    assert [report.promises.order_by("seq")[0].state for report in (broken, sound)] == [PromiseState.OPEN, PromiseState.MISSED]
    assert "could not be fired" in caplog.text


def test_a_promise_of_a_report_without_a_ladder_is_missed_and_told_to_its_holder(people: list[Person], broken: Report) -> None:
    Promise.objects.update(made_at="2026-01-01T00:00Z", due_at="2026-01-29T00:00Z")
    assert breaking.break_due() == 1
    assert chain(broken)[-1] == "promise.missed"


# Fired, and refused.


def overdue(people: list[Person], **fields: Any) -> Report:
    report = send(people[0], **fields)
    age(report, hours=5)
    return report


def refusals(person: Person, report: Report) -> dict[str, tuple[Callable[[], object], type[Exception]]]:
    """Verbs of professional standards that refuse this report."""
    tomorrow = finding.Given(Recorded.SEVERITY, open_duty_of(report).act_due_at.date().replace(year=2099), "", False)
    return {
        "reopen": (lambda: reopening.reopen(person=person, report_id=report.pk, to=Level.DESK, reason="x"), reopening.NotClosed),
        "record": (lambda: finding.record_finding(person=person, report_id=report.pk, given=tomorrow), finding.NotYet),
        "erase": (
            lambda: erasing.ask_to_erase(person=person, report_id=report.pk, ground=Ground.RETENTION, reason="x"),
            erasing.CannotErase,
        ),
        "name": (lambda: naming.ask_to_open(person=person, report_id=report.pk, reason="x"), NotYours),
    }


@pytest.mark.parametrize("verb", ["reopen", "record", "erase", "name"])
def test_a_lapse_stays_where_professional_standards_are_refused(people: list[Person], verb: str) -> None:
    standards = standards_officer()
    report = overdue(people)
    refused, error = refusals(standards, report)[verb]
    with pytest.raises(error):
        refused()
    assert chain(report) == ["report.sent", "duty.passed", "deadline.missed", "duty.passed"]
    assert open_duty_of(report).holder == people[3]


def test_both_lapses_stay_where_two_reports_are_linked_already(people: list[Person]) -> None:
    standards = standards_officer()
    one, other = send(people[0]), send(people[0])
    linking.link(person=standards, report_id=one.pk, to=other.pk, reason="The same group.")
    for report in (one, other):
        age(report, hours=5)
    with pytest.raises(linking.CannotLink):
        linking.link(person=standards, report_id=other.pk, to=one.pk, reason="The same group.")
    assert Lapse.objects.count() == 2


def test_nothing_fires_for_who_must_not_know_of_the_report(people: list[Person]) -> None:
    standards = standards_officer()
    report = overdue(people, excluded={standards: Excluded.NAMED})
    for refused, _ in refusals(standards, report).values():
        with pytest.raises(NotYours):
            refused()
    assert not Lapse.objects.exists()


PASSED = ["report.sent", "duty.passed", "deadline.missed", "duty.passed", "promise.missed"]


def unheard(people: list[Person]) -> Report:
    """Its duty and its promise are both past their time, and no clock looks."""
    report = send(people[0])
    age(report, days=30)
    return report


@pytest.mark.parametrize("before", [True, False], ids=["due before", "due meanwhile"])
def test_what_is_due_fires_before_a_reporter_adds_something(people: list[Person], before: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    report = unheard(people)
    if not before:
        monkeypatch.setattr(lapsing, "fire_before", lambda _: None)
        monkeypatch.setattr(breaking, "break_before", lambda _: None)
    adding.add_to_report(reporter=people[0], report_id=report.pk, key=uuid.uuid4(), text="One more thing.")
    assert chain(report) == [*PASSED, "report.added"]
    assert [notice.to for notice in Outbox.objects.filter(kind="report.added")] == [people[3]]


def test_what_is_due_fires_before_a_reporter_answers(people: list[Person]) -> None:
    report = send(people[0])
    question = asking.ask(person=people[2], report_id=report.pk, question="Which shift?")
    age(report, days=30)
    adding.answer_question(reporter=people[0], report_id=report.pk, question_id=question.pk, text="Nights.")
    assert chain(report)[-4:] == ["deadline.missed", "duty.passed", "promise.missed", "report.answered"]
    assert [notice.to for notice in Outbox.objects.filter(kind="report.answered")] == [people[3]]


@pytest.mark.parametrize("verb", ["add", "answer", "dispute"])
def test_a_lapse_and_a_missed_promise_stay_where_their_reporter_is_refused(people: list[Person], verb: str) -> None:
    report = unheard(people)
    too_many = [evidence.check(files.upload(f"{number}.txt", str(number).encode())) for number in range(11)]
    own: dict[str, Any] = {"reporter": people[0], "report_id": report.pk}
    doing: dict[str, tuple[Callable[[], object], type[Exception]]] = {
        "add": (lambda: adding.add_to_report(**own, key=uuid.uuid4(), text="x", files=too_many), BadFile),
        "answer": (lambda: adding.answer_question(**own, question_id=uuid.uuid4(), text="x"), adding.NotYours),
        "dispute": (lambda: disputing.dispute(**own, reason="x"), disputing.CannotDispute),
    }
    refused, error = doing[verb]
    with pytest.raises(error):
        refused()
    assert chain(report) == PASSED
    assert open_duty_of(report).holder == people[3]


def test_nothing_fires_for_whoever_is_not_its_reporter(people: list[Person]) -> None:
    report = unheard(people)
    with pytest.raises(adding.NotYours):
        adding.add_to_report(reporter=people[1], report_id=report.pk, key=uuid.uuid4(), text="x")
    assert chain(report) == PASSED[:2]


def test_a_report_that_cannot_be_passed_on_can_be_added_to(people: list[Person], broken: Report) -> None:
    adding.add_to_report(reporter=people[0], report_id=broken.pk, key=uuid.uuid4(), text="x")
    assert [notice.to for notice in Outbox.objects.filter(kind="report.added")] == [people[2]]


@pytest.mark.parametrize("verb", ["pass", "step aside", "assign"])
def test_the_lapse_of_a_desk_stays_where_its_member_is_refused(people: list[Person], verb: str) -> None:
    member = PersonFactory()
    desk(member)
    report = overdue(people, skip_line=True)
    doing: dict[str, tuple[Callable[[], object], type[Exception]]] = {
        "pass": (lambda: passing.pass_on(person=member, report_id=report.pk, to=people[4].pk, reason="x"), passing.CannotPass),
        "step aside": (
            lambda: stepping_aside.step_aside(person=member, report_id=report.pk, reason="x"),
            stepping_aside.NobodyElse,
        ),
        "assign": (lambda: assigning.assign(person=member, report_id=report.pk, to=uuid.uuid4()), assigning.CannotAssign),
    }
    refused, error = doing[verb]
    with pytest.raises(error):
        refused()
    assert Lapse.objects.filter(duty__report=report).count() == 1
    assert not Exclusion.objects.filter(report=report, person=member).exists()

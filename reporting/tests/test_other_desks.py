"""A report that was sent when a ladder could end at any desk: "professional standards" means their desk for it too."""

from __future__ import annotations

import pytest

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory, desk
from reporting import acting, disputing, reopening
from reporting.agreement import agreeing, states
from reporting.choices import DutyState, Outcome, Why
from reporting.escalation import lapsing
from reporting.escalation.ladder import Rung
from reporting.escalation.routing import DESK
from reporting.models import Duty, Report
from reporting.tests.browsing import signed_in
from reporting.tests.making import RUNGS, a_line, age, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db(transaction=True)
TO_CID = [*RUNGS[:-1], Rung(4, None, "cid", 240, 2880)]


@pytest.fixture
def detective() -> Person:
    person: Person = PersonFactory(rank=20)
    desk(person, code="cid")
    return person


@pytest.fixture
def people(detective: Person) -> list[Person]:
    return a_line()


def act(person: Person, report: Report, outcome: Outcome = Outcome.LOCAL) -> None:
    acting.act(person=person, report_id=report.pk, outcome=outcome, reasons="Done.")


def at(duty: Duty) -> str | None:
    return duty.post.code if duty.post else None


def with_cid(reporter: Person) -> Report:
    report = send(reporter, rungs=TO_CID[-1:])
    assert at(open_duty_of(report)) == "cid"
    return report


def test_a_referral_by_an_officer_goes_to_professional_standards(people: list[Person]) -> None:
    report = send(people[0], rungs=TO_CID)
    act(people[2], report, Outcome.STANDARDS)
    duty = open_duty_of(report)
    assert (at(duty), duty.level, duty.why) == (DESK, 4, Why.REFERRED)


def test_another_desk_refers_it_there_too_and_its_own_duty_ends(people: list[Person], detective: Person) -> None:
    report = with_cid(people[0])
    act(detective, report, Outcome.STANDARDS)
    first, duty = report.duties.order_by("seq")
    assert (first.state, at(duty), duty.why) == (DutyState.PASSED, DESK, Why.REFERRED)
    act(standards_officer(), report, Outcome.STANDARDS)
    assert report.duties.count() == 2
    assert [*agreeing.disagreements(), *states.disagreements()] == []


def test_who_sits_at_another_desk_is_offered_the_referral_and_professional_standards_are_not(
    people: list[Person], detective: Person
) -> None:
    offered = b"Referred to professional standards"
    assert offered in page_of(detective, with_cid(people[0]))
    assert offered not in page_of(standards_officer(), send(people[0], skip_line=True))


def test_who_lost_the_duty_to_the_desk_may_still_record_that_they_referred_it(people: list[Person]) -> None:
    report = send(people[0], rungs=[RUNGS[0], RUNGS[-1]])
    age(report, hours=3)
    lapsing.fire_due()
    assert at(open_duty_of(report)) == DESK
    assert b"Referred to professional standards" in page_of(people[2], report)


def page_of(person: Person, report: Report) -> bytes:
    client = signed_in(person)
    return client.get(f"/duties/{report.reference}/act/").content


def test_reopened_for_the_professional_standards_desk_it_goes_there(people: list[Person]) -> None:
    report, standards = send(people[0], rungs=TO_CID), standards_officer()
    act(people[2], report)
    duty = reopening.reopen(person=standards, report_id=report.pk, to=reopening.Level.DESK, reason="Look again.")
    assert (at(duty), duty.level) == (DESK, 4)


@pytest.mark.parametrize("closes", ["cid", "standards"])
def test_disputed_after_a_desk_closed_it_it_goes_there(people: list[Person], detective: Person, closes: str) -> None:
    report, standards = with_cid(people[0]), standards_officer()
    if closes == "standards":
        act(detective, report, Outcome.STANDARDS)
    act(detective if closes == "cid" else standards, report)
    assert at(disputing.dispute(reporter=people[0], report_id=report.pk, reason="Nobody spoke to me.")) == DESK

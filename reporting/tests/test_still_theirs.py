"""Who leaves a desk or a role between a notice and its delivery gets none that was for them there; who stays gets it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db.models import F

from portal.notices.delivering import deliver_batch
from portal.notices.models import Outbox, State
from portal.people.models import Person, PostMember, Role
from portal.people.tests.factories import PersonFactory
from portal.record.appending import now
from portal.record.models import Fact
from reporting import acting, adding, opening, reopening
from reporting.choices import Excluded, Outcome
from reporting.desk import assigning
from reporting.escalation import lapsing, reminding, unstaffed
from reporting.escalation.ladder import Rung
from reporting.models import Exclusion, Promise, Report
from reporting.promises import breaking
from reporting.reopening import Level
from reporting.tests.erasures import erased as erase
from reporting.tests.making import a_line, age, send, standards_officer
from reporting.tests.test_stating import AT_ONCE

pytestmark = pytest.mark.django_db
Desk = tuple[Person, Person]
TO_DESK = [Rung(1, 30, None, 120, 1440), Rung(2, None, "professional-standards", 240, 2880)]


@pytest.fixture
def desk() -> Desk:
    """One who will leave it, and one who stays; neither is in professional standards."""
    leaver, stayer = standards_officer(), standards_officer()
    for person in (leaver, stayer):
        person.groups.clear()
    return leaver, stayer


def deadline(desk: Desk) -> None:
    age(send(a_line()[0], skip_line=True), hours=5)
    lapsing.fire_due()


def added(desk: Desk) -> None:
    constable, *_ = a_line()
    adding.add_to_report(reporter=constable, report_id=send(constable, skip_line=True).pk, key=uuid.uuid4(), text="More.")


def unheard(desk: Desk) -> None:
    send(a_line()[0], skip_line=True)
    Promise.objects.update(made_at=F("made_at") - timedelta(days=40), due_at=F("due_at") - timedelta(days=40))
    breaking.break_due()


def unheard_while_another_holds_it(desk: Desk) -> None:
    send(a_line()[0])
    Promise.objects.update(made_at=F("made_at") - timedelta(days=40), due_at=F("due_at") - timedelta(days=40))
    breaking.break_due()


def late(desk: Desk) -> None:
    line = a_line()
    report = send(line[0], rungs=[AT_ONCE[0], AT_ONCE[-1]])
    lapsing.fire_due()
    acting.act_late(person=line[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Did it.")


def next_up(desk: Desk) -> None:
    send(a_line()[0], rungs=TO_DESK, at_risk_now=True)


def next_up_confidential(desk: Desk) -> None:
    send(a_line()[0], rungs=TO_DESK, at_risk_now=True, confidential=True)


def overdue(desk: Desk) -> None:
    age(send(a_line()[0], skip_line=True), days=3)
    reminding.remind(today=now().date())


def assigned(desk: Desk) -> None:
    report = send(a_line()[0], skip_line=True)
    for one, other in (desk, desk[::-1]):
        assigning.assign(person=one, report_id=report.pk, to=other.pk)


def erased(desk: Desk) -> None:
    erase(send(a_line()[0], skip_line=True), standards_officer(), standards_officer())


@pytest.mark.parametrize(
    ("kind", "happens"),
    [
        ("duty.passed", added),
        ("duty.ended", erased),
        ("deadline.missed", deadline),
        ("report.added", added),
        ("promise.missed", unheard),
        ("promise.missed", unheard_while_another_holds_it),
        ("duty.acted_late", late),
        ("duty.next_told", next_up),
        ("duty.next_told", next_up_confidential),
        ("duty.overdue", overdue),
        ("duty.assigned", assigned),
    ],
)
def test_who_left_the_desk_gets_none_and_who_stays_does(desk: Desk, kind: str, happens: Callable[[Desk], None]) -> None:
    leaver, stayer = desk
    happens(desk)
    PostMember.objects.filter(person=leaver).delete()
    deliver_batch()
    states = {(notice.to, notice.state, notice.last_error) for notice in Outbox.objects.filter(kind=kind, to__in=desk)}
    assert states == {(leaver, State.WITHHELD, "no longer at the post"), (stayer, State.SENT, "")}


def test_who_held_a_duty_themselves_is_told_that_it_ended_at_whatever_desk_they_are(desk: Desk) -> None:
    line = a_line()
    erase(send(line[0]), standards_officer(), standards_officer())
    deliver_batch()
    assert Outbox.objects.get(kind="duty.ended", to=line[2]).state == State.SENT


def test_that_somebody_of_a_desk_was_told_that_they_are_next_is_kept_of_them(desk: Desk) -> None:
    next_up(desk)
    deliver_batch()
    told = {fact.data["told"] for fact in Fact.objects.of_kind("duty.next_told")}
    assert told == {f"person:{person.pk}" for person in desk}


def test_who_lost_their_duty_to_a_deadline_is_told_so_wherever_it_is_now(desk: Desk) -> None:
    line = a_line()
    send(line[0], rungs=[AT_ONCE[0], AT_ONCE[-1]])
    lapsing.fire_due()
    deliver_batch()
    assert Outbox.objects.get(kind="deadline.missed", to=line[2]).state == State.SENT
    assert Outbox.objects.get(kind="duty.passed", to=line[2]).state == State.SENT


def test_who_closed_a_report_for_a_desk_they_left_is_told_that_it_is_open_again(desk: Desk) -> None:
    leaver, standards = desk[0], standards_officer()
    report = send(a_line()[0], skip_line=True)
    acting.act(person=leaver, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")
    PostMember.objects.filter(person=leaver).delete()
    reopening.reopen(person=standards, report_id=report.pk, to=Level.DESK, reason="There was more.")
    deliver_batch()
    assert Outbox.objects.get(kind="duty.reopened", to=leaver).state == State.SENT


def two_overdue(desk: Desk) -> Report:
    first, second = (send(a_line()[0], skip_line=True) for _ in range(2))
    for report in (first, second):
        age(report, days=3)
    reminding.remind(today=now().date())
    return second


def reminder(person: Person) -> Outbox:
    deliver_batch()
    return Outbox.objects.get(kind="duty.overdue", to=person)


def test_a_reminder_counts_no_report_that_its_reader_was_excluded_from_meanwhile(desk: Desk) -> None:
    Exclusion.objects.create(report=two_overdue(desk), person=desk[0], why=Excluded.NAMED)
    kept = reminder(desk[0])
    assert (kept.subject[:9], kept.state, kept.last_error) == ("2 reports", State.WITHHELD, "must not know of the report")
    assert reminder(desk[1]).state == State.SENT


def test_a_reminder_reaches_whoever_was_excluded_from_another_report_before_it_was_made(desk: Desk) -> None:
    Exclusion.objects.create(report=send(a_line()[0], skip_line=True), person=desk[0], why=Excluded.NAMED)
    age(Report.objects.get(), days=3)
    two_overdue(desk)
    assert reminder(desk[0]).state == State.SENT


def test_a_reminder_goes_out_also_where_somebody_opened_one_of_them_meanwhile(desk: Desk) -> None:
    opening.open_duty(person=desk[1], report_id=two_overdue(desk).pk, why="duty")
    assert reminder(desk[0]).state == State.SENT


@pytest.mark.parametrize("stays", [True, False])
def test_an_administrator_no_more_is_told_of_no_empty_desk(stays: bool) -> None:
    person: Person = PersonFactory()
    administrators = Group.objects.get_or_create(name=Role.ADMINISTRATOR)[0]
    person.groups.add(administrators)
    send(a_line()[0], skip_line=True)
    unstaffed.alert_unstaffed()
    if not stays:
        person.groups.remove(administrators)
    deliver_batch()
    told = Outbox.objects.get(kind="post.unstaffed", to=person)
    assert (told.state, told.last_error) == ((State.SENT, "") if stays else (State.WITHHELD, "no longer in that role"))


@pytest.mark.parametrize("stays", [True, False])
def test_who_left_professional_standards_gets_none_that_leads_to_their_pages(stays: bool) -> None:
    standards, line = standards_officer(), a_line()
    report = send(line[0])
    acting.act(person=line[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")
    adding.add_to_report(reporter=line[0], report_id=report.pk, key=uuid.uuid4(), text="One more thing.")
    if not stays:
        standards.groups.clear()
    deliver_batch()
    told = Outbox.objects.get(kind="report.added", to=standards)
    assert told.link.startswith("/standards/")
    assert (told.state, told.last_error) == ((State.SENT, "") if stays else (State.WITHHELD, "no longer in that role"))


def test_who_refers_a_report_whose_reporter_did_not_hear_in_time_is_told_of_that(desk: Desk) -> None:
    line = a_line()
    report = send(line[0])
    Promise.objects.update(made_at=F("made_at") - timedelta(days=40), due_at=F("due_at") - timedelta(days=40))
    acting.act(person=line[2], report_id=report.pk, outcome=Outcome.STANDARDS, reasons="Theirs to look into.")
    while deliver_batch():
        pass
    assert list(Outbox.objects.filter(kind="promise.missed", to=line[2]).values_list("state", "last_error")) == [(State.SENT, "")]

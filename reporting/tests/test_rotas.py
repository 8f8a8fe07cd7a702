"""Where the post at the top has a rota, those on duty are told; everyone there may still open and act."""

from __future__ import annotations

import uuid
from datetime import time

import pytest

from portal.notices.models import Outbox
from portal.people.models import Person, RotaShift, Weekday
from portal.people.tests.factories import PersonFactory, desk
from portal.record.appending import now
from reporting import adding, taking_up
from reporting.choices import Excluded
from reporting.escalation import lapsing
from reporting.escalation.ladder import Rung
from reporting.escalation.reminding import remind
from reporting.models import Report
from reporting.promises import breaking
from reporting.tests.making import RUNGS, age, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def there() -> Person:
    """Somebody on duty around the clock."""
    person: Person = PersonFactory()
    for weekday in Weekday.values:
        RotaShift.objects.create(post=desk(person), person=person, weekday=weekday, starts=time(0), ends=time(0))
    return person


@pytest.fixture
def off() -> Person:
    """A member of the desk who is not on its rota."""
    person: Person = PersonFactory()
    desk(person)
    return person


def told(kind: str) -> set[Person]:
    return {notice.to for notice in Outbox.objects.filter(kind=kind)}


def at_the_desk(**fields: object) -> Report:
    return send(PersonFactory(), skip_line=True, **fields)  # type: ignore[arg-type]


def test_those_on_duty_are_told(there: Person, off: Person) -> None:
    at_the_desk()
    assert told("duty.passed") == {there}


def test_everyone_is_told_where_the_rota_has_nobody(off: Person) -> None:
    other = PersonFactory()
    RotaShift.objects.create(post=desk(other), person=other, weekday=(now().weekday() + 3) % 7, starts=time(9), ends=time(10))
    at_the_desk()
    assert told("duty.passed") == {off, other}


def test_everyone_who_may_know_is_told_where_whoever_is_on_duty_may_not(there: Person, off: Person) -> None:
    at_the_desk(excluded={there: Excluded.NAMED})
    assert told("duty.passed") == {off}


def test_a_member_off_duty_may_act_all_the_same(there: Person, off: Person) -> None:
    report = at_the_desk()
    taking_up.take_up(person=off, report_id=report.pk)


def test_a_promise_that_was_missed_is_told_to_those_on_duty(there: Person, off: Person) -> None:
    report = at_the_desk()
    age(report, days=40)
    assert breaking.break_due() == 1
    assert told("promise.missed") == {there, report.reporter}


def test_a_missed_deadline_is_told_to_those_on_duty(there: Person, off: Person) -> None:
    age(at_the_desk(), hours=5)
    assert lapsing.fire_due() == 1
    assert told("deadline.missed") >= {there}
    assert off not in told("deadline.missed")


def test_those_on_duty_are_reminded(there: Person, off: Person) -> None:
    age(at_the_desk(), hours=5)
    remind(today=now().date())
    assert told("duty.overdue") == {there}


def test_the_others_are_reminded_of_what_those_on_duty_may_not_know(there: Person, off: Person) -> None:
    age(at_the_desk(excluded={there: Excluded.NAMED}), hours=5)
    remind(today=now().date())
    assert told("duty.overdue") == {off}


@pytest.mark.parametrize("by_whoever_is_on_duty", [True, False])
def test_that_those_off_duty_are_told_does_not_say_that_whoever_is_on_duty_sent_it(
    there: Person, off: Person, by_whoever_is_on_duty: bool
) -> None:
    """They are told of every report whose reporter's name is kept back, at each thing that happens to it."""
    reporter = there if by_whoever_is_on_duty else PersonFactory()
    report = send(reporter, skip_line=True, confidential=True, at_risk_now=True)
    age(report, days=9)
    lapsing.fire_due()
    breaking.break_due()
    adding.add_to_report(reporter=reporter, report_id=report.pk, key=uuid.uuid4(), text="More.")
    for kind in ("duty.passed", "deadline.missed", "promise.missed", "report.added"):
        assert off in told(kind), kind
    assert remind(today=now().date())
    assert off in told("duty.overdue")


@pytest.mark.parametrize("by_whoever_is_on_duty", [True, False])
def test_nor_does_it_where_the_desk_is_next(there: Person, off: Person, by_whoever_is_on_duty: bool) -> None:
    reporter = there if by_whoever_is_on_duty else PersonFactory()
    Person.objects.filter(pk=reporter.pk).update(line_manager=PersonFactory(rank=50))
    reporter.refresh_from_db()
    send(reporter, confidential=True, at_risk_now=True, rungs=[Rung(1, 50, None, 60, 120), RUNGS[-1]])
    assert off in told("duty.next_told")

"""Who would hold a duty in turn, and when it would move."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.hours import calendars
from portal.people.models import Absence, Person
from portal.people.tests.factories import PersonFactory
from reporting.escalation import lapsing
from reporting.escalation.foreseeing import Foreseen, foresee
from reporting.escalation.ladder import Rung
from reporting.tests.making import RUNGS, a_line, age, open_duty_of, send, the_desk

pytestmark = pytest.mark.django_db


def foreseen(reporter: Person, *excluded: Person, rungs: list[Rung] | None = None, at: datetime | None = None) -> list[Foreseen]:
    return foresee(reporter=reporter, rungs=rungs or RUNGS, excluded={one.pk for one in excluded}, at=at or timezone.now())


def away(person: Person, start: datetime, end: datetime, deputy: Person | None = None) -> None:
    Absence.objects.create(person=person, starts_at=start, ends_at=end, deputy=deputy)


def test_everyone_it_would_pass_to_is_told_once_up_to_the_post() -> None:
    constable, _, inspector, chief, superintendent = a_line()
    found = foreseen(constable)
    assert [one.found.person or one.found.post for one in found] == [inspector, chief, superintendent, the_desk()]


def test_each_begins_when_the_one_before_would_have_to_open_it() -> None:
    at = timezone.now()
    found = foreseen(a_line()[0], at=at)
    assert [one.begins - at for one in found] == [timedelta(minutes=minutes) for minutes in (0, 120, 180, 240)]
    assert [(one.open_due_at - one.begins, one.act_due_at - one.begins) for one in found] == [
        (timedelta(minutes=rung.minutes_to_open), timedelta(minutes=rung.minutes_to_act)) for rung in RUNGS
    ]


def test_somebody_who_goes_away_before_it_would_come_to_them_is_passed_over() -> None:
    constable, _, inspector, chief, superintendent = a_line()
    at = timezone.now()
    away(chief, at + timedelta(minutes=90), at + timedelta(days=9))
    assert [one.found.person for one in foreseen(constable, at=at)] == [inspector, superintendent, None]


def test_somebody_who_is_back_before_it_would_come_to_them_is_not() -> None:
    constable, _, inspector, chief, superintendent = a_line()
    at = timezone.now()
    away(chief, at - timedelta(days=9), at + timedelta(minutes=90))
    assert [one.found.person for one in foreseen(constable, at=at)] == [inspector, chief, superintendent, None]


def test_working_hours_move_the_duty_later_and_are_said_in_words() -> None:
    calendar = calendars.in_force()
    rungs = [Rung(1, 30, None, 600, 1200, calendar), Rung(2, None, "professional-standards", 60, 120)]
    constable, _, inspector, *_ = a_line()
    first, desk = foreseen(constable, rungs=rungs)
    assert desk.begins == calendar.hours(f"unit:{inspector.unit_id}").after(first.begins, 600)
    assert first.hours_in_words.startswith("Monday to Friday, 8am to 6pm.")
    assert desk.hours_in_words == ""


def test_the_last_level_alone_is_where_the_line_is_left_out(django_assert_num_queries: Any) -> None:
    constable, post = a_line()[0], the_desk()
    with django_assert_num_queries(1):
        assert [one.found.post for one in foreseen(constable, rungs=RUNGS[-1:])] == [post]


def test_what_is_foreseen_is_what_happens() -> None:
    constable, _, inspector, chief, superintendent = a_line()
    away(inspector, timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=9), PersonFactory(rank=20))
    expected = [one.found.person or one.found.post for one in foreseen(constable, superintendent)]
    report = send(constable, excluded={superintendent: "named"})  # type: ignore[dict-item]
    held = [open_duty_of(report)]
    while held[-1].post is None:
        age(report, days=1)
        lapsing.fire_due()
        held.append(open_duty_of(report))
    assert [duty.holder or duty.post for duty in held] == expected == [chief, the_desk()]

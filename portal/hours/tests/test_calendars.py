from __future__ import annotations

import hashlib
from datetime import date, datetime, time
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.hours import calendars, kept
from portal.hours.counting import ALWAYS, LONDON
from portal.hours.making_default import make_default
from portal.hours.models import ClosedDay, Follower, KeptCalendar, Pattern
from portal.people.models import Person, Unit
from portal.people.tests.factories import PersonFactory, UnitFactory, desk
from portal.record.models import Fact

pytestmark = pytest.mark.django_db


@pytest.fixture
def nights() -> Pattern:
    pattern = Pattern.objects.create(name="Nights", on_closed_days=True)
    pattern.shifts.create(weekday=0, starts=time(22), ends=time(6))
    return pattern


def test_units_and_posts_follow_the_default_until_they_are_given_a_pattern(nights: Pattern) -> None:
    unit, post = UnitFactory(code="MO7"), desk()
    before = calendars.in_force()
    assert before.hours(f"unit:{unit.pk}") is before.hours(f"post:{post.code}") is before.default
    Follower.objects.create(pattern=nights, unit=unit)
    Follower.objects.create(pattern=nights, post=post)
    after = calendars.in_force()
    assert after.hours(f"unit:{unit.pk}") is after.hours(f"post:{post.code}") is not after.default
    assert (after.hours(f"unit:{unit.pk}").closed, after.default.closed != frozenset()) == (frozenset(), True)


def test_a_new_portal_counts_office_hours_without_bank_holidays() -> None:
    christmas_eve = datetime(timezone.localdate().year, 12, 24, 10, tzinfo=LONDON)
    assert calendars.in_force().default.after(christmas_eve, 10 * 60) > datetime(christmas_eve.year, 12, 27, tzinfo=LONDON)


def test_bank_holidays_are_those_of_england_for_years_ahead() -> None:
    found = calendars.bank_holidays(2026)
    assert {"2026-08-31", "2026-12-28", "2027-12-27", "2029-12-26"} <= set(found)
    assert "2026-08-03" not in found  # Scotland's


def test_an_administrators_closed_day_counts_as_one() -> None:
    day = date(timezone.localdate().year + 1, 7, 14)
    assert day not in calendars.in_force().default.closed
    ClosedDay.objects.create(day=day, name="A day of mourning")
    assert day in calendars.in_force().default.closed


def test_reading_the_calendar_takes_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        calendars.in_force()


def test_a_kept_calendar_stays_what_it_was(nights: Pattern) -> None:
    calendar = calendars.in_force()
    calendars.keep(calendar)
    Pattern.objects.all().delete()
    ClosedDay.objects.create(day=date(2099, 1, 5), name="Later")
    calendars._known.clear()
    again = calendars.kept(calendar.digest)
    assert (again, again.text, again.default.shifts) == (calendar, calendar.text, calendar.default.shifts)
    assert hashlib.sha256(again.text.encode()).hexdigest() == again.digest


def test_the_same_calendar_is_kept_once() -> None:
    for _ in range(2):
        calendars.keep(calendars.in_force())
    assert KeptCalendar.objects.count() == 1


@pytest.mark.parametrize("text", ["", '{"patterns":{}}'])
def test_a_calendar_that_was_altered_counts_every_hour_and_is_told(text: str, caplog: pytest.LogCaptureFixture) -> None:
    calendar = calendars.in_force()
    calendars.keep(calendar)
    KeptCalendar.objects.update(text=text)
    calendars._known.clear()
    assert calendars.kept(calendar.digest).default is ALWAYS
    assert "not what was kept" in caplog.text
    assert list(kept.disagreements()) == [f"calendar {calendar.digest} was altered after it was kept"]


def test_a_calendar_that_was_lost_counts_every_hour(caplog: pytest.LogCaptureFixture) -> None:
    assert calendars.kept("0" * 64).default is ALWAYS
    assert "not what was kept" in caplog.text


def test_a_calendar_that_was_not_altered_agrees() -> None:
    calendars.keep(calendars.in_force())
    assert list(kept.disagreements()) == []


def test_what_is_known_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "MOST_KNOWN", 2)
    for year in range(2090, 2095):
        ClosedDay.objects.create(day=date(year, 6, 1), name="Closed")
        calendars.in_force()
    assert len(calendars._known) <= 2


def test_an_officers_hours_are_their_units_and_a_posts_are_its_own() -> None:
    person: Person = PersonFactory()
    assert calendars.follower_of(person, None) == f"unit:{Unit.objects.get(code='CN').pk}"
    assert calendars.follower_of(None, desk()) == "post:professional-standards"
    assert calendars.follower_of(PersonFactory(unit=None), None) == ""


def test_one_pattern_is_the_default_and_both_changes_are_facts(nights: Pattern) -> None:
    office = Pattern.objects.get(is_default=True)
    make_default(by=PersonFactory(), pattern_id=nights.pk)
    assert list(Pattern.objects.filter(is_default=True)) == [nights]
    assert {fact.data["default"] for fact in Fact.objects.of_kind("pattern.changed")} == {True, False}
    assert {fact.subject for fact in Fact.objects.of_kind("pattern.changed")} == {f"pattern:{office.pk}", f"pattern:{nights.pk}"}


def test_a_pattern_that_is_not_there_cannot_become_the_default() -> None:
    with pytest.raises(Pattern.DoesNotExist):
        make_default(by=PersonFactory(), pattern_id=0)


def test_the_database_refuses_a_second_default(nights: Pattern) -> None:
    with pytest.raises(Exception, match="pattern_one_default"), connection.cursor() as cursor:
        cursor.execute("UPDATE hours_pattern SET is_default = true")

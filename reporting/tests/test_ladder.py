"""Which ladder a report has, which time counts on it, and that nothing moves it afterwards."""

from __future__ import annotations

import dataclasses
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.hours import calendars
from portal.hours.counting import LONDON
from portal.hours.models import ClosedDay, Follower, KeptCalendar, Pattern
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory, UnitFactory
from portal.record.models import Fact
from reporting.choices import Category, Counting
from reporting.escalation import ladder, lapsing
from reporting.escalation.ladder import NoPolicy, Rung
from reporting.models import EscalationPolicy, EscalationRung, Report
from reporting.tests.making import a_line, age, open_duty_of, send, the_desk
from reporting.tests.reporters import force, sent

pytestmark = pytest.mark.django_db


def policy(name: str, *categories: str, urgent: bool = False, precedence: int = 1) -> None:
    """A policy in force whose one level says which it is: its name is its minutes to act."""
    made = EscalationPolicy.objects.create(name=name, categories=list(categories), urgent=urgent, precedence=precedence, in_force=True)
    made.rungs.create(level=1, post=the_desk(), minutes_to_open=1, minutes_to_act=int(name))


def chosen(*categories: str, urgent: bool = False) -> int:
    return ladder.in_force(urgent=urgent, categories=categories)[0].minutes_to_act


def working(*, post_too: bool = True) -> list[Rung]:
    """A ladder of three levels on which working hours count."""
    calendar = calendars.in_force()
    return [
        Rung(1, 30, None, 120, 600, calendar),
        Rung(2, 40, None, 120, 600, calendar),
        Rung(3, None, "professional-standards", 120, 600, calendar if post_too else None),
    ]


@pytest.fixture
def nights() -> Pattern:
    pattern = Pattern.objects.create(name="Nights", on_closed_days=True)
    for weekday in range(7):
        pattern.shifts.create(weekday=weekday, starts=time(22), ends=time(6))
    return pattern


def test_a_policy_that_names_a_category_comes_before_the_one_for_any() -> None:
    policy("11", Category.RACIST)
    assert (chosen("racist"), chosen("racist", "sexist"), chosen("sexist")) == (11, 11, 1440)


def test_the_policy_that_names_fewer_categories_comes_first() -> None:
    policy("11", Category.RACIST, Category.SEXIST)
    policy("12", Category.SEXIST)
    assert (chosen("racist"), chosen("sexist"), chosen("racist", "sexist")) == (11, 12, 12)


def test_of_two_that_name_as_many_the_lower_precedence_counts() -> None:
    policy("11", Category.RACIST, precedence=2)
    policy("12", Category.SEXIST, precedence=1)
    assert chosen("racist", "sexist") == 12


def test_where_somebody_is_at_risk_its_own_policy_comes_before_any_categorys() -> None:
    policy("11", Category.RACIST)
    policy("12", Category.RACIST, urgent=True)
    assert (chosen("racist", urgent=True), chosen("sexist", urgent=True), chosen("racist")) == (12, 60, 11)


def test_without_a_policy_for_risk_the_one_for_every_report_counts() -> None:
    EscalationPolicy.objects.filter(urgent=True).update(in_force=False)
    assert chosen(urgent=True) == 1440


def test_without_any_policy_there_is_no_ladder() -> None:
    EscalationPolicy.objects.update(in_force=False)
    with pytest.raises(NoPolicy):
        ladder.in_force(urgent=False)


def test_the_ladder_is_read_in_one_query_and_its_calendar_in_one_more(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        ladder.in_force(urgent=False)
    EscalationRung.objects.update(counting=Counting.WORKING)
    with django_assert_num_queries(2):
        ladder.in_force(urgent=False)


def test_where_somebody_is_at_risk_minutes_elapse_whatever_the_policy_says() -> None:
    EscalationRung.objects.update(counting=Counting.WORKING)
    assert all(rung.calendar is None for rung in ladder.in_force(urgent=True, categories=["racist"]))
    assert all(rung.calendar is not None for rung in ladder.in_force(urgent=False))


def test_a_ladder_kept_before_there_were_calendars_still_counts_elapsed_minutes() -> None:
    report = send(a_line()[0])
    Report.objects.filter(pk=report.pk).update(
        ladder=[{"level": 1, "least_rank": 30, "post": None, "minutes_to_open": 7, "minutes_to_act": 8}, *report.ladder[1:]]
    )
    report.refresh_from_db()
    at = timezone.now()
    assert ladder.frozen(report)[0].deadlines(at, "unit:1") == (at + timedelta(minutes=7), at + timedelta(minutes=8))


def test_a_ladder_without_a_calendar_is_kept_as_it_always_was() -> None:
    assert list(ladder.freeze([Rung(1, 30, None, 7, 8)])[0]) == ["level", "least_rank", "post", "minutes_to_open", "minutes_to_act"]


def test_a_ladder_with_a_calendar_comes_back_as_it_was_kept() -> None:
    rungs = working(post_too=False)
    report = send(a_line()[0], rungs=rungs)
    assert ladder.frozen(report) == rungs
    assert [rung.get("calendar") for rung in report.ladder] == [KeptCalendar.objects.get().digest, KeptCalendar.objects.get().digest, None]


def test_a_duty_counts_by_the_working_hours_of_its_holders_unit(nights: Pattern) -> None:
    unit = UnitFactory(code="NT", name="Night unit")
    constable, _, inspector, *_ = a_line()
    Person.objects.filter(pk=inspector.pk).update(unit=unit)
    Follower.objects.create(pattern=nights, unit=unit)
    duty = open_duty_of(send(constable, rungs=working()))
    hours = calendars.in_force().hours(f"unit:{unit.pk}")
    assert duty.holder == inspector
    assert (duty.open_due_at, duty.act_due_at) == (hours.after(duty.from_at, 120), hours.after(duty.from_at, 600))


def test_a_post_counts_by_its_own_pattern(nights: Pattern) -> None:
    Follower.objects.create(pattern=nights, post=the_desk())
    duty = open_duty_of(send(a_line()[0], rungs=working(), skip_line=True))
    assert duty.open_due_at == calendars.in_force().hours("post:professional-standards").after(duty.from_at, 120)


def test_nothing_an_administrator_changes_later_moves_a_deadline_of_a_report_that_was_sent(nights: Pattern) -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable, rungs=working())
    first, before = open_duty_of(report), {rung.level: rung for rung in ladder.frozen(report)}
    Pattern.objects.filter(is_default=True).delete()
    Pattern.objects.filter(pk=nights.pk).update(is_default=True)
    Follower.objects.create(pattern=nights, unit=inspector.unit)
    for days in range(1, 60):
        ClosedDay.objects.create(day=timezone.localdate() + timedelta(days=days), name="Closed")
    calendars._known.clear()
    assert open_duty_of(report).open_due_at == first.open_due_at
    age(report, days=40)
    lapsing.fire_due()
    second = open_duty_of(report)
    assert second.level == 2
    assert (second.open_due_at, second.act_due_at) == before[2].deadlines(second.from_at, f"unit:{inspector.unit_id}")


def test_a_report_sent_under_a_policy_of_working_hours_keeps_its_calendar_and_tells_the_record_which() -> None:
    people = force()
    EscalationRung.objects.update(counting=Counting.WORKING)
    report = sent(people[0])
    fact = Fact.objects.for_subject(report.subject).get(kind="report.sent")
    assert {rung["calendar"] for rung in fact.data["ladder"]} == {KeptCalendar.objects.get().digest}


def test_a_sweep_reads_a_calendar_once(django_assert_max_num_queries: Any) -> None:
    reports = [send(a_line()[0], rungs=working()) for _ in range(6)]
    for report in reports:
        age(report, days=40)
    calendars._known.clear()
    with django_assert_max_num_queries(21):
        assert lapsing.fire_due() == 6


def test_the_same_deadline_is_counted_once() -> None:
    from portal.hours.counting import _after

    rung, start = working()[0], datetime(2026, 11, 25, 10, tzinfo=LONDON)
    rung.deadlines(start)
    hits = _after.cache_info().hits
    assert rung.deadlines(start) == dataclasses.replace(rung).deadlines(start)
    assert _after.cache_info().hits >= hits + 4


def test_a_deputy_counts_by_their_own_units_hours(nights: Pattern) -> None:
    from portal.people.models import Absence

    unit = UnitFactory(code="NT", name="Night unit")
    Follower.objects.create(pattern=nights, unit=unit)
    constable, _, inspector, *_ = a_line()
    deputy, at = PersonFactory(rank=30, unit=unit), timezone.now()
    Absence.objects.create(person=inspector, deputy=deputy, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=1))
    duty = open_duty_of(send(constable, rungs=working()))
    assert (duty.holder, duty.open_due_at) == (deputy, calendars.in_force().hours(f"unit:{unit.pk}").after(duty.from_at, 120))

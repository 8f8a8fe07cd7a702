from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.people.models import Absence, Person
from portal.people.tests.factories import PersonFactory, line
from reporting.escalation import routing
from reporting.escalation.routing import Found
from reporting.tests.making import RUNGS, a_line, send, the_desk

pytestmark = pytest.mark.django_db


def first(reporter: Person, *excluded: Person, skip_line: bool = False) -> Found:
    return routing.first_holder(
        reporter=reporter, ladder=RUNGS, excluded={person.pk for person in excluded}, skip_line=skip_line, at=timezone.now()
    )


def away(person: Person, deputy: Person | None = None) -> None:
    at = timezone.now()
    Absence.objects.create(person=person, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=1), deputy=deputy)


def test_the_duty_goes_to_the_nearest_manager_of_the_least_rank() -> None:
    constable, _, inspector, *_ = a_line()
    found = first(constable)
    assert (found.level, found.person, found.post, found.why_skipped) == (1, inspector, None, [])


def test_an_excluded_manager_is_passed_over_with_the_reason() -> None:
    constable, _, inspector, chief, _ = a_line()
    found = first(constable, inspector)
    assert found.person == chief
    assert found.why_skipped == [{"person": str(inspector.pk), "why": "excluded"}]


def test_a_deputy_steps_in_for_a_manager_who_is_away() -> None:
    constable, _, inspector, *_ = a_line()
    deputy = PersonFactory(rank=30)
    away(inspector, deputy)
    assert first(constable).person == deputy


def test_a_deputy_who_is_away_too_is_passed_over_with_the_reason() -> None:
    constable, _, inspector, chief, _ = a_line()
    deputy = PersonFactory(rank=30)
    away(inspector, deputy)
    away(deputy)
    found = first(constable)
    assert (found.person, found.why_skipped[1]) == (chief, {"person": str(deputy.pk), "why": "absent"})


def test_a_deputy_of_too_low_a_rank_is_passed_over_with_the_reason() -> None:
    constable, _, inspector, chief, _ = a_line()
    deputy = PersonFactory(rank=20)
    away(inspector, deputy)
    found = first(constable)
    assert (found.person, found.why_skipped[1]) == (chief, {"person": str(deputy.pk), "why": "low_rank"})


def test_a_deputy_who_left_or_is_excluded_is_passed_over_with_the_reason() -> None:
    constable, _, inspector, chief, superintendent = a_line()
    gone, accused = PersonFactory(rank=30, is_active=False), PersonFactory(rank=40)
    away(inspector, gone)
    away(chief, accused)
    found = first(constable, accused)
    assert found.person == superintendent
    assert [one["why"] for one in found.why_skipped] == ["absent", "left", "absent", "excluded"]


def test_the_deputy_of_somebody_who_left_stands_in_no_longer() -> None:
    constable, _, inspector, chief, _ = a_line()
    away(inspector, PersonFactory(rank=30))
    Person.objects.filter(pk=inspector.pk).update(is_active=False)
    found = first(constable)
    assert (found.person, found.why_skipped) == (chief, [{"person": str(inspector.pk), "why": "left"}])


def test_whoever_a_report_is_about_does_not_choose_its_holder_by_naming_a_deputy() -> None:
    constable, _, inspector, chief, _ = a_line()
    away(inspector, PersonFactory(rank=30))
    found = first(constable, inspector)
    assert (found.person, found.why_skipped) == (chief, [{"person": str(inspector.pk), "why": "excluded"}])


def test_a_deputy_who_held_it_before_is_passed_over_with_the_reason() -> None:
    constable, _, inspector, chief, superintendent = a_line()
    report = send(constable)
    away(chief, inspector)
    Person.objects.filter(pk=inspector.pk).update(rank=40)
    found = routing.next_holder(report=report, after_level=1, excluded=set(), at=timezone.now())
    assert found.person == superintendent
    assert {"person": str(inspector.pk), "why": "held_before"} in found.why_skipped


def test_two_who_stand_in_for_each_other_do_not_go_round() -> None:
    constable, _, inspector, chief, superintendent = a_line()
    away(inspector, chief)
    away(chief, inspector)
    found = first(constable)
    assert found.person == superintendent
    assert {one["person"]: one["why"] for one in found.why_skipped} == {str(inspector.pk): "absent", str(chief.pk): "absent"}


def test_the_deputy_of_somebody_below_the_least_rank_does_not_come_before_the_level() -> None:
    constable, sergeant, inspector, *_ = a_line()
    away(sergeant, PersonFactory(rank=50))
    found = first(constable)
    assert (found.person, found.why_skipped) == (inspector, [])


def test_a_deputy_who_reported_it_is_passed_over() -> None:
    constable, _, inspector, chief, _ = a_line()
    away(inspector, constable)
    Person.objects.filter(pk=constable.pk).update(rank=30)
    assert first(constable).person == chief


def test_a_leaver_is_passed_over() -> None:
    constable, _, inspector, chief, _ = a_line()
    Person.objects.filter(pk=inspector.pk).update(is_active=False)
    found = first(constable)
    assert (found.person, found.why_skipped) == (chief, [{"person": str(inspector.pk), "why": "left"}])


def test_a_level_nobody_can_take_is_vacant_and_the_post_always_answers() -> None:
    constable, _ = line(10, 20)
    found = first(constable)
    assert (found.level, found.person, found.post) == (4, None, the_desk())
    assert found.why_skipped == [{"level": level, "why": "vacant"} for level in (1, 2, 3)]


def test_a_report_about_the_line_goes_straight_to_the_post() -> None:
    assert first(a_line()[0], skip_line=True).post == the_desk()


def test_a_loop_in_the_line_of_command_ends_at_the_post() -> None:
    low, high = line(10, 20)
    high.line_manager = low
    high.save()
    assert first(low).post == the_desk()


def test_nobody_holds_the_same_report_twice() -> None:
    constable, _, inspector, chief, _ = a_line()
    report = send(constable)
    found = routing.next_holder(report=report, after_level=0, excluded=set(), at=timezone.now())
    assert (found.person, found.why_skipped) == (chief, [{"person": str(inspector.pk), "why": "held_before"}])


def test_past_the_top_it_is_the_post_again() -> None:
    report = send(a_line()[0])
    assert routing.next_holder(report=report, after_level=4, excluded=set(), at=timezone.now()).post == the_desk()


def test_many_reporters_are_routed_with_as_many_queries_as_one(django_assert_num_queries: object) -> None:
    people = [a_line()[0].pk for _ in range(5)]
    with django_assert_num_queries(3):  # type: ignore[operator]
        routing.Directory.read(people, timezone.now())

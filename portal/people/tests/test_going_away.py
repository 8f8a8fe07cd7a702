"""Saying when one is away: no overlaps, each change a fact, the deputy told; and what is doubtful about a deputy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from portal.notices.models import Outbox
from portal.people import going_away, moving
from portal.people.deputies import doubts
from portal.people.going_away import CannotBeAway, Stretch
from portal.people.models import Absence, Person, Rank
from portal.people.moving import Departure
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from portal.ui import words

pytestmark = pytest.mark.django_db
START = datetime(2030, 7, 1, 8, tzinfo=UTC)
WEEK = timedelta(days=7)


def inspector(**fields: Any) -> Person:
    person: Person = PersonFactory(rank=Rank.INSPECTOR, **fields)
    return person


def away(person: Person, starts_at: datetime = START, deputy: Person | None = None, length: timedelta = WEEK) -> Absence:
    return going_away.declare(by=person, person=person, stretch=stretch(starts_at, deputy, length))


def stretch(starts_at: datetime = START, deputy: Person | None = None, length: timedelta = WEEK) -> Stretch:
    return Stretch(starts_at=starts_at, ends_at=starts_at + length, deputy=deputy)


def facts(absence_id: int) -> list[Fact]:
    return list(Fact.objects.for_subject(f"absence:{absence_id}"))


def told(person: Person) -> list[str]:
    return list(Outbox.objects.filter(to=person).order_by("pk").values_list("subject", flat=True))


def test_an_absence_is_a_fact_and_its_deputy_is_told() -> None:
    person, deputy = inspector(), inspector()
    absence = away(person, deputy=deputy)
    (fact,) = facts(absence.pk)
    assert (fact.kind, fact.actor) == ("absence.recorded", f"person:{person.pk}")
    assert (fact.data["person"], fact.data["deputy"]) == (str(person.pk), str(deputy.pk))
    assert told(deputy) == [f"You stand in for {person.name_and_unit}"]
    assert not told(person)


def test_times_in_notices_are_londons() -> None:
    deputy = inspector()
    away(inspector(), deputy=deputy)
    assert "From 9am, 1 July 2030 to 9am, 8 July 2030" in Outbox.objects.get(to=deputy).body


def test_whoever_stands_in_for_somebody_away_since_this_morning_is_told_from_when_they_do() -> None:
    deputy = inspector()
    absence = away(inspector(), timezone.now() - timedelta(hours=3), deputy)
    (fact,) = facts(absence.pk)
    assert f"From {words.moment(fact.at)} to {words.moment(absence.ends_at)}, duties" in Outbox.objects.get(to=deputy).body


def test_two_absences_of_one_person_never_overlap() -> None:
    person = inspector()
    away(person)
    with pytest.raises(CannotBeAway, match="There is an absence from 9am, 1 July 2030 to 9am, 8 July 2030 already"):
        away(person, START + timedelta(days=6))
    away(person, START + WEEK)
    away(inspector())
    assert Absence.objects.filter(person=person).count() == 2


def test_of_two_overlapping_absences_at_the_same_moment_one_is_kept(transactional_db: None, together: Callable[..., list[Any]]) -> None:
    person = inspector()
    answers = together(lambda: away(person), lambda: away(person, START + timedelta(days=1)))
    assert sorted(type(answer).__name__ for answer in answers) == ["Absence", "CannotBeAway"]


@pytest.mark.parametrize("length", [timedelta(), -WEEK])
def test_an_absence_ends_after_it_starts(length: timedelta) -> None:
    with pytest.raises(CannotBeAway, match="must end after it starts"):
        away(inspector(), length=length)


def test_nobody_stands_in_for_themselves() -> None:
    person = inspector()
    with pytest.raises(CannotBeAway, match="stands in for themselves"):
        away(person, deputy=person)


def test_nobody_makes_themselves_the_deputy_of_somebody_else() -> None:
    me = inspector()
    with pytest.raises(CannotBeAway, match="cannot make yourself a deputy"):
        going_away.declare(by=me, person=inspector(), stretch=stretch(deputy=me))


def test_another_deputy_is_told_and_so_is_the_one_before() -> None:
    person, before, after = inspector(), inspector(), inspector()
    absence = away(person, deputy=before)
    going_away.change(by=person, absence_id=absence.pk, stretch=stretch(deputy=after))
    assert [fact.kind for fact in facts(absence.pk)] == ["absence.recorded", "absence.changed"]
    assert told(before)[1:] == [f"You no longer stand in for {person.name_and_unit}"]
    assert told(after) == [f"You stand in for {person.name_and_unit}"]


def test_other_times_are_told_to_the_deputy() -> None:
    person, deputy = inspector(), inspector()
    absence = away(person, deputy=deputy)
    going_away.change(by=person, absence_id=absence.pk, stretch=stretch(START + timedelta(days=1), deputy))
    assert told(deputy)[1:] == [f"The time in which you stand in for {person.name_and_unit} changed"]


def test_a_change_that_changes_nothing_is_no_fact() -> None:
    person = inspector()
    absence = away(person)
    going_away.change(by=person, absence_id=absence.pk, stretch=stretch())
    assert len(facts(absence.pk)) == 1


def test_a_change_may_not_overlap_another_absence_but_may_overlap_itself() -> None:
    person = inspector()
    absence = away(person)
    away(person, START + 2 * WEEK)
    going_away.change(by=person, absence_id=absence.pk, stretch=stretch(START + timedelta(days=1)))
    with pytest.raises(CannotBeAway):
        going_away.change(by=person, absence_id=absence.pk, stretch=stretch(START + 2 * WEEK))


def test_whoever_comes_back_early_is_away_no_more() -> None:
    person, deputy = inspector(), inspector()
    absence = away(person, timezone.now() - timedelta(days=1), deputy)
    assert going_away.end(by=person, absence_id=absence.pk)
    absence.refresh_from_db()
    assert absence.ends_at < timezone.now() + timedelta(minutes=1)
    assert [fact.kind for fact in facts(absence.pk)] == ["absence.recorded", "absence.ended"]
    assert told(deputy)[1:] == [f"You no longer stand in for {person.name_and_unit}"]
    assert not going_away.end(by=person, absence_id=absence.pk)


def test_an_absence_that_has_not_begun_is_taken_back() -> None:
    person = inspector()
    absence = away(person)
    key = absence.pk
    assert going_away.end(by=person, absence_id=key)
    assert not Absence.objects.exists()
    assert [fact.kind for fact in facts(key)] == ["absence.recorded", "absence.removed"]


def test_whoever_is_away_hears_what_an_administrator_wrote_down() -> None:
    person, by = inspector(), inspector()
    absence = going_away.declare(by=by, person=person, stretch=stretch())
    going_away.change(by=by, absence_id=absence.pk, stretch=stretch(START + WEEK))
    going_away.end(by=by, absence_id=absence.pk)
    assert told(person) == ["An absence of yours was recorded", "An absence of yours was changed", "An absence of yours was taken back"]


def doubted(person: Person, deputy: Person | None) -> str:
    return " ".join(doubts(person, deputy, START, START + WEEK))


def test_a_deputy_who_can_stand_in_raises_no_doubt() -> None:
    assert doubted(inspector(), inspector()) == ""
    assert doubted(inspector(), PersonFactory(rank=Rank.CHIEF_INSPECTOR)) == ""


def test_no_deputy_at_all_is_said() -> None:
    assert "You named no deputy" in doubted(inspector(), None)


def test_a_deputy_of_too_low_a_rank_is_said() -> None:
    assert "ranks below inspector" in doubted(inspector(), PersonFactory(rank=Rank.SERGEANT))
    assert "A duty that needs your rank goes past them." in doubted(PersonFactory(rank=Rank.SUPERINTENDENT), inspector())


def test_a_deputy_who_left_is_said() -> None:
    assert "has left" in doubted(inspector(), inspector(is_active=False))


def test_a_deputy_who_is_away_then_is_said() -> None:
    person, deputy = inspector(), inspector()
    away(deputy, START + timedelta(days=2))
    assert "is away too, from 9am, 3 July 2030 to 9am, 8 July 2030" in doubted(person, deputy)


def test_two_who_name_each_other_are_said() -> None:
    person, deputy = inspector(), inspector()
    away(deputy, deputy=person)
    assert "names you as their deputy" in doubted(person, deputy)


def test_a_deputy_who_is_away_at_another_time_raises_no_doubt() -> None:
    person, deputy = inspector(), inspector()
    away(deputy, START + WEEK, person)
    assert doubted(person, deputy) == ""


@pytest.mark.parametrize(("why", "subjects"), [(Departure.LEFT, ["Name another deputy"]), (Departure.TRANSFERRED, [])])
def test_whoever_named_a_deputy_who_left_is_told_to_name_another(why: Departure, subjects: list[str]) -> None:
    person, deputy = inspector(), inspector()
    away(person, deputy=deputy)
    away(deputy)
    for _ in range(2):
        with transaction.atomic():
            moving.gone({deputy.pk}, why)
    assert told(person) == subjects


@pytest.mark.parametrize(("why", "many"), [(Departure.LEFT, 1), (Departure.TRANSFERRED, 0)])
def test_the_deputy_of_somebody_who_left_is_told_that_they_stand_in_no_longer(why: Departure, many: int) -> None:
    person, deputy = inspector(), inspector()
    away(person, deputy=deputy)
    away(person, timezone.now() - 2 * WEEK, deputy)
    for _ in range(2):
        with transaction.atomic():
            moving.gone({person.pk}, why)
    assert told(deputy).count(f"You no longer stand in for {person.name_and_unit}") == many


def test_neither_of_two_who_left_together_is_told() -> None:
    person, deputy = inspector(), inspector()
    away(person, deputy=deputy)
    before = told(deputy)
    with transaction.atomic():
        moving.gone({person.pk, deputy.pk}, Departure.LEFT)
    assert (told(person), told(deputy)) == ([], before)


def test_an_absence_that_is_over_needs_no_other_deputy() -> None:
    person, deputy = inspector(), inspector()
    away(person, timezone.now() - 2 * WEEK, deputy)
    with transaction.atomic():
        moving.gone({deputy.pk}, Departure.LEFT)
    assert not told(person)

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from devices import losing
from devices.figures import UnitClaims, claimed_by_unit, claimed_by_week
from devices.leavers import held_handsets
from devices.models import Custody, Ending, RolloutPlan, State
from devices.tests.factories import HandsetFactory, allotted, take
from devices.waiting import waiting_for
from portal.people.leaving import holdings
from portal.people.models import Person, Unit
from portal.people.tests.factories import PersonFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def west() -> Unit:
    return UnitFactory(code="ZW", name="Far West")


def test_units_are_counted_against_what_they_planned_by_now(west: Unit, officer: Person) -> None:
    for _ in range(3):
        take(PersonFactory(unit=west))
    take(officer)
    RolloutPlan.objects.create(unit=west, week_starting=date(2024, 1, 1), planned=4)
    RolloutPlan.objects.create(unit=west, week_starting=date(2099, 1, 5), planned=100)
    assert claimed_by_unit(["ZW"]) == [UnitClaims("ZW", "Far West", 3, 4)]
    assert claimed_by_unit(["ZW"])[0].share == 75.0
    assert {row.code for row in claimed_by_unit()} >= {"ZW", "CN"}


def test_a_unit_without_a_plan_has_no_share(west: Unit) -> None:
    assert [row.share for row in claimed_by_unit([west.code])] == [None]


def test_weeks_begin_on_monday_in_london(west: Unit) -> None:
    sunday_evening, monday_in_london = datetime(2026, 6, 7, 22, 59, tzinfo=UTC), datetime(2026, 6, 7, 23, 1, tzinfo=UTC)
    for at in (sunday_evening, monday_in_london):
        Custody.objects.filter(pk=take(PersonFactory(unit=west)).pk).update(claimed_at=at)
    RolloutPlan.objects.create(unit=west, week_starting=date(2026, 6, 8), planned=7)
    rows = [(row.week, row.claimed, row.planned) for row in claimed_by_week(["ZW"])]
    assert rows == [(date(2026, 6, 1), 1, 0), (date(2026, 6, 8), 1, 7)]


def test_nothing_claimed_is_an_empty_list() -> None:
    assert claimed_by_week() == []


def test_the_front_page_learns_of_a_handset_in_one_query(officer: Person, django_assert_num_queries: Any) -> None:
    waits = allotted(officer)
    with django_assert_num_queries(1):
        (shown,) = waiting_for(officer)
    assert (shown.to_claim, shown.link) == (True, f"/handset/claim/{waits.asset_tag}/")


def test_the_front_page_shows_what_is_held_first(officer: Person) -> None:
    held = take(officer).handset
    allotted(officer)
    assert [(one.asset_tag == held.asset_tag, one.to_claim) for one in waiting_for(officer)] == [(True, False), (False, True)]


def test_nothing_waits_for_somebody_without_a_handset(officer: Person, colleague: Person) -> None:
    take(colleague)
    assert waiting_for(officer) == []


def test_what_a_leaver_holds_is_listed_for_handing_on(officer: Person, colleague: Person) -> None:
    held, waiting = take(officer).handset, allotted(colleague)
    take(PersonFactory())
    told = {(one.person_id, one.what, one.link) for one in held_handsets({officer.pk, colleague.pk})}
    assert told == {
        (officer.pk, f"Handset {held.asset_tag}", f"/stores/{held.asset_tag}/"),
        (colleague.pk, f"Allotted handset {waiting.asset_tag}", f"/stores/{waiting.asset_tag}/"),
    }
    assert {one.what for one in holdings({officer.pk})} >= {f"Handset {held.asset_tag}"}


def test_a_lost_handset_is_not_held_by_a_leaver(officer: Person) -> None:
    take(officer, HandsetFactory(state=State.IN_STOCK))
    losing.report_missing(holder=officer, how=Ending.LOST)
    assert list(held_handsets({officer.pk})) == []

"""The figures: who sees which units, and that every chart can be read as a table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from devices.figures import UnitClaims, WeekClaims
from guidance.figures import UnitRate
from guidance.tests.making import make_published
from portal import figures
from portal.people.models import Person, Rank, Role
from portal.people.tests.factories import PersonFactory, UnitFactory
from reporting.counting import reckoning
from reporting.tests.browsing import signed_in
from reporting.tests.reporters import force, sent

pytestmark = pytest.mark.django_db


def signed_in_as(person: Person) -> Client:
    return signed_in(person)


def somebody(*, role: Role | None = None, **fields: Any) -> Person:
    person: Person = PersonFactory(**fields)
    if role:
        person.groups.add(Group.objects.get_or_create(name=role)[0])
    return person


def shown_to(person: Person) -> str:
    response = signed_in_as(person).get("/figures/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("role", [Role.PROFESSIONAL_STANDARDS, Role.ADMINISTRATOR, Role.AUDITOR])
def test_standards_administrators_and_auditors_see_every_unit(role: Role) -> None:
    UnitFactory(code="NE", name="North East")
    sent(force()[0])
    reckoning.reckon_all()
    make_published()
    page = shown_to(somebody(role=role, rank=Rank.NONE))
    assert '<h1 class="govuk-heading-l">Figures</h1>' in page
    for words in ("CN Central North: 0 of ", "acknowledged", "Duties that missed a deadline", "as a table", "<table"):
        assert words in page


def test_a_manager_sees_their_own_unit_alone() -> None:
    elsewhere = UnitFactory(code="NE", name="North East")
    for person in (PersonFactory(unit=elsewhere), force()[0]):
        sent(person)
    reckoning.reckon_all()
    make_published()
    page = shown_to(somebody(rank=Rank.INSPECTOR, unit=elsewhere))
    assert "Figures: NE" in page
    assert "NE North East" in page
    assert "Central North" not in page


@pytest.mark.parametrize("fields", [{"rank": Rank.CONSTABLE}, {"rank": Rank.SERGEANT}, {"rank": Rank.INSPECTOR, "unit": None}])
def test_nobody_else_has_figures(fields: dict[str, Any]) -> None:
    assert signed_in_as(somebody(**fields)).get("/figures/").status_code == 404


def test_a_role_that_is_not_for_figures_has_none() -> None:
    assert signed_in_as(somebody(role=Role.STORES, rank=Rank.NONE)).get("/figures/").status_code == 404


def test_anonymous_is_sent_to_sign_in() -> None:
    response = Client().get("/figures/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/figures/")


def test_figures_are_only_read() -> None:
    assert signed_in_as(somebody(rank=Rank.INSPECTOR)).post("/figures/").status_code == 405


def test_a_portal_without_figures_says_so() -> None:
    page = shown_to(somebody(role=Role.AUDITOR, rank=Rank.NONE))
    assert "There are no figures yet." in page
    assert "No guidance has been published yet." in page


def test_weeks_to_come_never_push_this_week_out() -> None:
    today = date(2026, 3, 4)
    weeks = [WeekClaims(date(2026, 3, 2) + timedelta(weeks=away), 1, 1) for away in range(-20, 20)]
    shown = figures.weeks_around(today, weeks)
    assert WeekClaims(date(2026, 3, 2), 1, 1) in shown
    assert len(shown) == figures.WEEKS_BACK + figures.WEEKS_AHEAD


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Central North", "CN Central North: 1,465 of 2,586"), ("Roads and Transport Policing, north", "CN: 1,465 of 2,586")],
)
def test_a_long_name_gives_way_to_the_figures(name: str, expected: str) -> None:
    assert figures.label(UnitClaims("CN", name, 1465, 2586), 1465, 2586) == expected


def test_people_without_a_unit_are_called_so() -> None:
    assert figures.label(UnitRate("", "", 3, 1), 1, 3) == "No unit: 1 of 3"

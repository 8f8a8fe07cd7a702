from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.hours.models import ClosedDay, Pattern
from portal.people.models import Role, Unit
from portal.people.roles import give_permissions
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact

pytestmark = pytest.mark.django_db
PATTERNS = "/admin/hours/pattern/"


@pytest.fixture
def admin() -> Client:
    """Somebody with the administrator's role, and nothing more."""
    from django.apps import apps
    from django.contrib.auth.models import Group

    give_permissions(apps.get_app_config("hours"))
    person = PersonFactory(is_staff=True)
    person.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    client = Client()
    client.force_login(person)
    return client


def given(name: str, *shifts: tuple[int, str, str], followers: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The admin's form for a new pattern."""
    data: dict[str, Any] = {"name": name, "shifts-TOTAL_FORMS": len(shifts), "shifts-INITIAL_FORMS": 0}
    for place, (weekday, starts, ends) in enumerate(shifts):
        data |= {f"shifts-{place}-weekday": weekday, f"shifts-{place}-starts": starts, f"shifts-{place}-ends": ends}
    data |= {"followers-TOTAL_FORMS": len(followers or []), "followers-INITIAL_FORMS": 0}
    for place, row in enumerate(followers or []):
        data |= {f"followers-{place}-{key}": value for key, value in row.items()}
    return data


def test_a_pattern_is_made_with_its_shifts_and_followers_and_is_a_fact(admin: Client) -> None:
    unit = Unit.objects.get(code="MO7")
    sent = admin.post(f"{PATTERNS}add/", given("Nights", (0, "22:00", "06:00"), followers=[{"unit": unit.pk}]))
    assert sent.status_code == 302
    pattern = Pattern.objects.get(name="Nights")
    fact = Fact.objects.for_subject(f"pattern:{pattern.pk}").get()
    assert (fact.data["shifts"], fact.data["units"], fact.data["posts"]) == ([[0, 1320, 360]], ["MO7"], [])


def test_a_pattern_without_hours_enough_is_refused(admin: Client) -> None:
    sent = admin.post(f"{PATTERNS}add/", given("Hardly", (0, "09:00", "10:00")))
    assert "at least 5 hours a week" in sent.content.decode()
    assert not Pattern.objects.filter(name="Hardly").exists()


def test_a_line_that_names_both_a_unit_and_a_post_or_neither_is_refused(admin: Client) -> None:
    from portal.people.tests.factories import desk

    row = {"unit": Unit.objects.get(code="MO7").pk, "post": desk().pk}
    sent = admin.post(f"{PATTERNS}add/", given("Nights", (0, "22:00", "06:00"), followers=[row]))
    assert "Choose a unit or a post" in sent.content.decode()


def test_the_list_says_the_hours_in_words(admin: Client) -> None:
    assert "Monday to Friday, 8am to 6pm." in admin.get(PATTERNS).content.decode()


def test_the_default_cannot_be_deleted_and_another_can_take_its_place(admin: Client) -> None:
    office, nights = Pattern.objects.get(is_default=True), Pattern.objects.create(name="Nights")
    assert admin.post(f"{PATTERNS}{office.pk}/delete/", {"post": "yes"}).status_code == 403
    admin.post(PATTERNS, {"action": "make_default", "_selected_action": [nights.pk]})
    assert admin.post(f"{PATTERNS}{office.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Pattern.objects.all()) == [nights]
    assert Fact.objects.of_kind("pattern.removed").count() == 1


def test_only_one_pattern_at_a_time_is_made_the_default(admin: Client) -> None:
    other = Pattern.objects.create(name="Nights")
    chosen = [other.pk, Pattern.objects.get(is_default=True).pk]
    page = admin.post(PATTERNS, {"action": "make_default", "_selected_action": chosen}, follow=True).content.decode()
    assert "Choose one pattern." in page
    assert not Pattern.objects.get(pk=other.pk).is_default


@pytest.mark.django_db(transaction=True)  # in the test's own transaction, a fact outside one would pass
def test_a_closed_day_is_a_fact_and_so_is_taking_it_back(admin: Client) -> None:
    admin.post("/admin/hours/closedday/add/", {"day": "2027-06-04", "name": "A proclaimed holiday"})
    day = ClosedDay.objects.get()
    admin.post("/admin/hours/closedday/", {"action": "delete_selected", "_selected_action": [day.pk], "post": "yes"})
    told = list(Fact.objects.for_subject(f"closed_day:{day.pk}"))
    assert [(fact.kind, fact.data) for fact in told] == [
        ("closed_day.changed", {"day": "2027-06-04"}),
        ("closed_day.removed", {"day": "2027-06-04"}),
    ]


@pytest.mark.parametrize("page", [PATTERNS, f"{PATTERNS}add/", "/admin/hours/closedday/"])
def test_working_hours_are_administrators_alone(page: str) -> None:
    client = Client()
    assert client.get(page).status_code == 302
    client.force_login(PersonFactory(is_staff=True))
    assert client.get(page).status_code == 403

"""An admin list answers what its page offers, and not who reported, nor what a password's hash begins with."""

from __future__ import annotations

import pytest
from django.contrib import admin as site
from django.contrib.auth.models import Group
from django.test import Client

from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.ui.lookups import NarrowAdmin

pytestmark = pytest.mark.django_db
ROOMS = ("people", "devices", "guidance", "reporting", "notices")


@pytest.fixture
def admin(client: Client) -> Client:
    person: Person = PersonFactory.create(is_staff=True)
    person.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    client.force_login(person)
    return client


@pytest.mark.parametrize(
    "asked",
    ["reports__isnull=False", "drafts__isnull=False", "duties__isnull=False", "password__startswith=argon2", "unit__people__password=x"],
)
def test_people_are_not_filtered_by_what_they_reported_or_by_secrets(admin: Client, asked: str) -> None:
    assert admin.get(f"/admin/people/person/?{asked}").status_code == 400


def test_people_are_filtered_by_what_the_page_offers(admin: Client) -> None:
    unit = PersonFactory.create(last_name="Griffiths").unit.pk
    for asked in (f"unit__id__exact={unit}", "rank__exact=10", "is_active__exact=1", "kind__exact=officer", "unit__isnull=False"):
        answer = admin.get(f"/admin/people/person/?{asked}")
        assert (answer.status_code, "Griffiths" in answer.content.decode()) == (200, True), asked


def test_documents_are_filtered_by_whether_they_are_withdrawn(admin: Client) -> None:
    assert admin.get("/admin/guidance/document/?withdrawn_at__isempty=0").status_code == 200


def test_absences_are_found_by_the_year_they_start_in(admin: Client) -> None:
    assert admin.get("/admin/people/absence/?starts_at__year=2026&starts_at__month=3").status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        *("year=99999999999", "year=9999", "year=10000", "year=0", "year=1", "year=-1", "year=x"),
        *("year=2026&starts_at__month=13", "year=2026&starts_at__month=99999999999", "year=2026&starts_at__month=2&starts_at__day=30"),
    ],
)
def test_a_date_that_no_calendar_has_gets_the_list(admin: Client, asked: str) -> None:
    answer = admin.get(f"/admin/people/absence/?starts_at__{asked}", follow=True)
    assert answer.status_code == 200
    assert "<h1>Absences</h1>" in answer.content.decode()


OWNER = {"app_label": "guidance", "model_name": "document", "field_name": "owner"}


def test_a_person_is_found_by_name_or_number_where_one_is_chosen(admin: Client) -> None:
    person = PersonFactory.create(last_name="Quillfeather", number="104477")
    for term in ("quill", "104477"):
        answer = admin.get("/admin/autocomplete/", OWNER | {"term": term}).json()
        assert answer["results"] == [{"id": str(person.pk), "text": str(person)}], term


def test_nobody_but_administrators_looks_people_up_there(client: Client) -> None:
    author: Person = PersonFactory.create(is_staff=True)
    author.groups.add(Group.objects.get(name=Role.GUIDANCE_AUTHOR))
    client.force_login(author)
    assert client.get("/admin/autocomplete/", OWNER | {"term": "a"}).status_code == 403


def test_every_list_of_a_room_is_narrow() -> None:
    wide = [model for model, made in site.site._registry.items() if model._meta.app_label in ROOMS and not isinstance(made, NarrowAdmin)]
    assert wide == []

"""The furniture every page shares, the account pages, and the pages about the service itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import include, path

from portal.people.models import Person, Rank, Role
from portal.people.tests.factories import PersonFactory
from portal.ui import context

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

urlpatterns = [path("accounts/", include("allauth.urls")), path("", include("portal.ui.urls"))]

PASSWORD = "a long enough password"


@pytest.fixture
def inspector() -> Person:
    person: Person = PersonFactory(rank=Rank.INSPECTOR, first_name="Ada", last_name="Okafor")
    person.set_password(PASSWORD)
    person.save()
    return person


def shown(person: Person | AnonymousUser, address: str = "/", source: str = '{% extends "base.html" %}') -> str:
    request = RequestFactory().get(address)
    request.user = person
    return engines["django"].from_string(source).render({}, request)


def links(html: str) -> list[str]:
    bar = html.partition('class="app-nav"')[2].partition("</nav>")[0]
    return re.findall(r">([A-Z]\w+)</a>", bar)


def test_a_constable_is_offered_no_duties() -> None:
    assert links(shown(PersonFactory())) == ["Home", "Handset", "Guidance", "Reports", "Receipts"]


def test_a_sergeant_is_offered_duties() -> None:
    assert "Duties" in links(shown(PersonFactory(rank=Rank.SERGEANT)))


def test_each_role_adds_its_own_place(inspector: Person) -> None:
    inspector.groups.add(Group.objects.get_or_create(name=Role.STORES)[0], Group.objects.get_or_create(name=Role.PROFESSIONAL_STANDARDS)[0])
    assert links(shown(inspector))[-3:] == ["Standards", "Stores", "Figures"]


def test_somebody_not_signed_in_is_offered_no_way_around() -> None:
    html = shown(AnonymousUser())
    assert links(html) == []
    assert "Sign out" not in html


def test_the_bar_marks_the_place_one_is_in() -> None:
    html = shown(PersonFactory(), "/handset/claim/")
    assert 'href="/handset/" aria-current="true"' in html
    assert 'href="/" aria-current' not in html


def test_every_page_has_a_skip_link_a_main_part_and_no_inline_code(inspector: Person) -> None:
    html = shown(inspector)
    assert 'href="#main-content" class="govuk-skip-link"' in html
    assert 'id="main-content"' in html
    assert "style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*src=)", html)


def test_a_page_asks_the_database_nothing_for_its_furniture(inspector: Person, django_assert_num_queries: Any) -> None:
    inspector.roles = frozenset()
    context.assets()
    with django_assert_num_queries(0):
        shown(inspector)


@pytest.mark.parametrize("address", ["/help/", "/privacy/", "/accessibility/"])
def test_pages_of_the_law_are_open_to_everyone(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content.decode().count("<h1") == 1


@pytest.mark.parametrize("address", ["/help/", "/privacy/", "/accessibility/"])
def test_pages_of_the_law_take_no_post(client: Client, address: str) -> None:
    answer = client.post(address)
    assert answer.status_code == 405
    assert "Nothing was changed" in answer.content.decode()


def test_sign_in_page_is_ours_and_offers_no_registration(client: Client) -> None:
    html = client.get("/accounts/login/").content.decode()
    assert "govuk-password-input" in html
    assert html.index('name="password"') < html.index("Forgot your password?")
    assert html.count("Forgot your password?") == 1
    assert "sign up" not in html.lower()
    assert "Demo accounts" not in html


def test_a_wrong_password_is_said_at_the_top_and_in_the_title(client: Client, inspector: Person) -> None:
    html = client.post("/accounts/login/", {"login": inspector.email, "password": "wrong"}).content.decode()
    assert "<title>Error: Sign in" in html
    assert "There is a problem" in html
    assert f'value="{inspector.email}"' in html


def test_registration_is_closed(client: Client) -> None:
    answer = client.get("/accounts/signup/")
    assert "password1" not in answer.content.decode()


ACCOUNT_PAGES = ["/accounts/logout/", "/accounts/password/change/", "/accounts/sessions/", "/accounts/2fa/", "/accounts/reauthenticate/"]


@pytest.mark.parametrize("address", ACCOUNT_PAGES)
def test_account_pages_use_the_one_layer(client: Client, inspector: Person, address: str) -> None:
    client.post("/accounts/login/", {"login": inspector.email, "password": PASSWORD})
    html = client.get(address, follow=True).content.decode()
    assert 'class="app-header"' in html
    assert "govuk-heading-l" in html
    assert html.count("<h1") == 1


def test_demo_accounts_are_listed_only_in_the_demo(client: Client, settings: Any, tmp_path: Path) -> None:
    home = tmp_path
    (home / "demo_accounts.json").write_text(
        '[{"name": "Constable Kim", "email": "kim@force.example", "password": "demo", "what": "Reports"}]'
    )
    settings.DEMO, settings.STATE_DIR = True, home
    assert "kim<wbr>@force.example" in client.get("/accounts/login/").content.decode()
    settings.DEMO = False
    assert "force.example" not in client.get("/accounts/login/").content.decode()


def test_a_missing_list_of_demo_accounts_is_no_error(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.STATE_DIR = True, tmp_path
    assert client.get("/accounts/login/").status_code == 200


def test_the_policy_for_content_allows_no_inline_code(client: Client) -> None:
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["style-src"] == ["'self'"]
    policy = client.get("/help/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy

"""Which pages open without signing in: exactly those named here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory

PUBLIC = {
    "live", "ready", "metrics", "worker", "notify_receipt", "help", "privacy", "accessibility",
    "record", "record_checkpoint", "record_keys", "record_tile", "record_partial_tile",
    "record_shard_checkpoint", "record_shard_tile", "record_shard_partial_tile", "record_verify", "record_verifier",
    "account_login", "account_logout", "admin_logout", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "mfa_authenticate",
}  # fmt: skip
CLOSED = [
    "accounts/", "accounts/signup/", "accounts/email/", "accounts/confirm-email/", "accounts/confirm-email/key/", "accounts/login/code/",
    "accounts/login/code/confirm/", "accounts/2fa/webauthn/", "accounts/2fa/trust/", "accounts/social/connections/", "accounts/3rdparty/",
]  # fmt: skip


def doors(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str, bool]]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not address.startswith("admin/"):  # Django admin asks for staff itself, tested below
                yield from doors(pattern.url_patterns, address)
        else:
            yield pattern.name or address, address, getattr(pattern.callback, "login_required", True)


ALL = list(doors(get_resolver().url_patterns))


def test_every_page_but_the_public_ones_needs_a_sign_in() -> None:
    assert {name for name, _, needs_sign_in in ALL if not needs_sign_in} == PUBLIC


@pytest.mark.django_db
@pytest.mark.parametrize("address", sorted({address for _, address, needs in ALL if needs and "<" not in address and "(" not in address}))
def test_an_anonymous_visitor_is_sent_to_sign_in_and_comes_back(client: Client, address: str) -> None:
    answer = client.get(f"/{address}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/")


@pytest.mark.django_db
@pytest.mark.parametrize("address", CLOSED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_portal_has_no_door_to_register_or_to_change_an_email(client: Client, address: str, method: str) -> None:
    client.force_login(PersonFactory())
    assert getattr(client, method)(f"/{address}", {"email": "new@force.example", "action_add": ""}).status_code == 404


@pytest.mark.django_db
def test_a_stranger_finds_no_registration_either(client: Client) -> None:
    assert client.post("/accounts/signup/", {"email": "new@force.example", "password1": "a-long-enough-password"}).status_code == 404
    assert not Person.objects.filter(email="new@force.example").exists()


@pytest.mark.django_db
def test_forgetting_a_password_writes_to_people_of_the_directory_only(client: Client) -> None:
    person = PersonFactory()
    person.set_password("a long enough password")
    person.save()
    for email in ("nobody@force.example", person.email):
        assert client.post("/accounts/password/reset/", {"email": email}).status_code == 302
    assert [letter.to for letter in mail.outbox] == [[person.email]]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/people/person/"])
def test_the_admin_has_no_sign_in_form_of_its_own(client: Client, address: str) -> None:
    guess = {"username": "x@force.example", "password": "guess"}
    for answer in (client.get(address, follow=True), client.post(address, guess, follow=True)):
        assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=/admin/")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/people/person/"])
def test_the_admin_does_not_exist_for_other_people(client: Client, address: str) -> None:
    client.force_login(PersonFactory(is_staff=False))
    assert client.get(address, follow=True).status_code == 404


@pytest.mark.django_db
def test_an_administrator_who_signs_in_comes_back_to_the_page_they_asked_for(client: Client) -> None:
    client.force_login(PersonFactory(is_staff=True))
    assert client.get("/admin/login/?next=/admin/people/").headers["Location"] == "/admin/people/"
    assert client.get("/admin/login/?next=https://elsewhere.example/").headers["Location"] == "/admin/"


@pytest.mark.django_db
def test_an_administrator_changes_a_password_where_everybody_does(client: Client) -> None:
    client.force_login(PersonFactory(is_staff=True))
    assert client.get("/admin/password_change/").headers["Location"] == "/accounts/password/change/"

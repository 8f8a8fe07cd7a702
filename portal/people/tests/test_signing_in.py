"""Guessing is slowed by account and by address, an old email opens nothing, and each sentence is ours."""

from __future__ import annotations

import re
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from portal.people import browsers
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
SIGN_IN, RESET = "/accounts/login/", "/accounts/password/reset/"
PASSWORD, GUESS = "a long enough password", "a wrong guess"


@pytest.fixture
def person() -> Person:
    someone: Person = PersonFactory()
    someone.set_password(PASSWORD)
    someone.save()
    return someone


def attempt(client: Client, email: str, password: str = GUESS, **where: Any) -> str:
    answer = client.post(SIGN_IN, {"login": email, "password": password}, **where)
    return "in" if answer.status_code == 302 else answer.content.decode()


def test_guessing_at_one_account_is_slowed_from_wherever_it_comes(client: Client, person: Person) -> None:
    answers = [attempt(client, person.email, REMOTE_ADDR=f"10.0.0.{place}") for place in range(6)]
    assert ["Too many" in answer for answer in answers] == [False] * 5 + [True]
    assert "Too many" in attempt(client, person.email, PASSWORD, REMOTE_ADDR="10.0.0.99")


def test_guessing_at_many_accounts_from_one_address_is_slowed(client: Client, person: Person) -> None:
    answers = [attempt(client, f"guess{place}@force.example", REMOTE_ADDR="10.0.1.1") for place in range(11)]
    assert ["Too many" in answer for answer in answers] == [False] * 10 + [True]
    assert attempt(client, person.email, PASSWORD, REMOTE_ADDR="10.0.1.2") == "in"


def test_a_slowed_attempt_costs_no_hashing(client: Client, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        attempt(client, person.email)
    hashed: list[str] = []
    monkeypatch.setattr(Person, "check_password", lambda _person, raw: hashed.append(raw))
    assert "Too many" in attempt(client, person.email)
    assert hashed == []


def test_signing_in_over_and_over_from_one_address_is_slowed(client: Client) -> None:
    statuses = [client.post(SIGN_IN, {"login": "", "password": ""}, REMOTE_ADDR="10.0.2.1").status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]


def test_behind_a_proxy_the_address_before_it_counts(client: Client, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for place in range(12):
        answer = attempt(client, f"guess{place}@force.example", REMOTE_ADDR="10.9.9.9", HTTP_X_FORWARDED_FOR=f"10.0.3.{place}")
        assert "Too many" not in answer


def test_nothing_entered_is_named_field_by_field(client: Client) -> None:
    html = attempt(client, "", "")
    assert "Enter your email" in html
    assert "Enter your password" in html
    assert "This field is required" not in html


def reset_link() -> str:
    found = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
    assert found is not None
    return found[0]


def test_a_new_password_is_chosen_by_the_link_once(client: Client, person: Person) -> None:
    client.post(RESET, {"email": person.email})
    assert (mail.outbox[-1].subject, mail.outbox[-1].to) == ("Choose a new Candour password", [person.email])
    page = client.get(reset_link(), follow=True)
    new = "another long enough one"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert attempt(client, person.email, new) == "in"
    assert "This link no longer works" in Client().get(reset_link(), follow=True).content.decode()


def test_a_mail_server_that_is_away_gives_nothing_away(client: Client, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SMTPRecipientsRefused({person.email: (450, b"later")})

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    for email in (person.email, "nobody@force.example"):
        answer = client.post(RESET, {"email": email})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/password/reset/done/")


def test_an_email_that_the_directory_has_replaced_opens_nothing(client: Client, person: Person) -> None:
    old = person.email
    client.post(RESET, {"email": old})
    before = reset_link()
    person.email = "renamed@force.example"
    person.save()
    assert not EmailAddress.objects.exists()
    mail.outbox.clear()
    client.post(RESET, {"email": old})
    assert mail.outbox == []
    assert "match" in attempt(client, old, PASSWORD)
    assert "This link no longer works" in client.get(before, follow=True).content.decode()


def test_the_second_step_can_be_turned_on_after_a_forgotten_password(client: Client, person: Person) -> None:
    client.post(RESET, {"email": person.email})
    client.force_login(person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    html = client.get("/accounts/2fa/totp/activate/").content.decode()
    assert "Turn on the second step" in html


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("curl/8", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named_in_words(told: str, words: str) -> None:
    assert browsers.described(told) == words


@pytest.mark.parametrize("address", ["/accounts/logout/", "/admin/logout/"])
def test_signing_out_leaves_no_page_in_the_browser_to_go_back_to(client: Client, address: str) -> None:
    client.force_login(PersonFactory())
    assert "Clear-Site-Data" not in client.get(address).headers, "nobody is signed out by a link"
    answer = client.post(address)
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (302, '"cache"')

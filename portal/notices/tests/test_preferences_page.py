"""How we tell you: what a person may choose, what they may not, and what the page says when we can't reach them."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from portal.notices import reaching
from portal.notices.models import Outbox, Preference, Quiet, State, Unreachable, Way, When
from portal.notices.tests.making import NEWS, choose, deliver_all, tell
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.appending import now
from portal.record.models import Fact

pytestmark = pytest.mark.django_db
PAGE = "/accounts/notices/"
GIVEN: dict[str, Any] = {
    **{f"group_{code}": "at_once" for code in ("reports", "guidance", "handsets", "receipts", "requests")},
    "daily_hour": "8",
    "quiet": "none",
    "quiet_from": "22",
    "quiet_until": "7",
    "quiet_days": ["0", "1"],
}


@pytest.fixture
def officer(client: Client) -> Person:
    person: Person = PersonFactory.create()
    client.force_login(person)
    return person


@pytest.fixture
def texts(settings: LazySettings) -> None:
    settings.NOTICE_CHANNELS = ["smtp", "notify_sms"]


def save(client: Client, **changed: Any) -> Any:
    return client.post(PAGE, {**GIVEN, **changed})


def test_the_page_says_what_always_comes_at_once_and_offers_the_rest(client: Client, officer: Person) -> None:
    page = client.get(PAGE).content.decode()
    assert "Duties you hold" in page
    assert "<strong>Your name.</strong> Professional standards opened it" in page
    assert "group_duties" not in page
    assert "group_deadlines" not in page
    assert "group_name" not in page
    assert 'name="group_guidance"' in page
    assert officer.email in page
    assert 'name="by"' not in page, "with one channel there is nothing to choose"


def test_what_is_chosen_is_kept_and_shown_again(client: Client, officer: Person) -> None:
    assert save(client, group_guidance="daily", group_receipts="never", daily_hour="18", quiet="own").status_code == 302
    kept = Preference.objects.get(person=officer)
    assert kept.groups == {"guidance": When.DAILY, "receipts": When.NEVER}
    assert (kept.daily_hour, kept.quiet, kept.quiet_from, kept.quiet_until) == (18, Quiet.OWN, time(22), time(7))
    assert kept.quiet_days == [0, 1]
    page = client.get(PAGE).content.decode()
    assert '<option value="18" selected>6pm</option>' in page.replace("6Pm", "6pm")


def test_a_fact_says_what_was_chosen_and_holds_no_address(client: Client, officer: Person, texts: None) -> None:
    save(client, by=["text"], mobile="07700 900123", group_guidance="daily")
    fact = Fact.objects.of_kind("preference.changed").get()
    assert fact.data["groups"] == {"guidance": "daily"}
    assert "7700" not in fact.leaf


def test_duties_cannot_be_muted_by_a_form_made_up_for_it(client: Client, officer: Person) -> None:
    save(client, group_duties="never", group_deadlines="never", group_name="never")
    assert Preference.objects.get(person=officer).groups == {}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"quiet": "own", "quiet_days": []}, "Select the days on which quiet hours begin"),
        ({"quiet": "own", "quiet_from": "7"}, "quiet hours can&#x27;t last all day"),
        ({"group_guidance": ""}, "Select when we tell you of guidance"),
        ({"quiet": "always"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_chosen_gets_a_sentence(client: Client, officer: Person, changed: dict[str, Any], said: str) -> None:
    answer = save(client, **changed)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Preference.objects.exists()


def test_texts_need_a_number(client: Client, officer: Person, texts: None) -> None:
    assert "Enter the mobile number that texts go to" in save(client, by=["email", "text"]).content.decode()
    assert "Enter a UK mobile number" in save(client, by=["email", "text"], mobile="12").content.decode()


@pytest.mark.parametrize("typed", ["07700 900123", "+44 7700 900123", "0044 7700-900123"])
def test_a_number_is_kept_in_one_spelling(client: Client, officer: Person, texts: None, typed: str) -> None:
    save(client, by=["email", "text"], mobile=typed)
    assert Preference.objects.get().mobile == "+447700900123"


def test_somebody_has_to_be_told_somehow(client: Client, officer: Person, texts: None) -> None:
    assert "Select at least one way to tell you" in save(client, by=[]).content.decode()


def test_what_was_held_is_looked_at_again_under_the_new_choices(client: Client, officer: Person) -> None:
    choose(officer, groups={"guidance": When.DAILY})
    tell(officer, "guidance.waiting:1", NEWS)
    deliver_all()
    assert Outbox.objects.get().state == State.HELD
    save(client)
    deliver_all()
    assert Outbox.objects.get().state == State.SENT


def test_a_test_goes_to_me_and_once_a_minute(client: Client, officer: Person) -> None:
    for _ in range(2):
        assert client.post(f"{PAGE}test/").status_code == 302
    deliver_all()
    assert len(mail.outbox) in {1, 2}, "the second may fall into the next minute"
    assert mail.outbox[0].to == [officer.email]


def refuse(person: Person, address: str = "") -> None:
    reaching.mark(person_id=person.pk, way=Way.SMTP, address=address or person.email, why="SMTP 550", at=now())


@pytest.mark.parametrize("page", [PAGE, "/"])
def test_somebody_we_cannot_reach_sees_it(client: Client, officer: Person, page: str) -> None:
    assert "can’t reach you" not in client.get(page).content.decode()
    refuse(officer)
    assert f"We can’t reach you at {officer.email}" in client.get(page).content.decode()


def test_an_address_that_was_corrected_since_is_not_held_against_them(client: Client, officer: Person) -> None:
    refuse(officer, "old@force.example")
    assert "can’t reach you" not in client.get("/").content.decode()


def test_they_can_say_that_it_works(client: Client, officer: Person) -> None:
    refuse(officer)
    lost = tell(officer)
    Outbox.objects.update(state=State.FAILED)
    assert client.post(f"{PAGE}try-again/").status_code == 302
    assert not Unreachable.objects.exists()
    assert set(Outbox.objects.values_list("kind", "state")) == {("notice.test", State.WAITING), (lost.kind, State.WAITING)}


@pytest.mark.parametrize("path", ["", "test/", "try-again/", "browsers/", "browsers/1/off/"])
def test_a_stranger_is_asked_to_sign_in(client: Client, path: str) -> None:
    assert client.post(PAGE + path).url.startswith("/accounts/login/")  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["test/", "try-again/", "browsers/", "browsers/1/off/"])
def test_acts_are_posted(client: Client, officer: Person, path: str) -> None:
    assert client.get(PAGE + path).status_code == 405

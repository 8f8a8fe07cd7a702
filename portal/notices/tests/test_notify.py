"""GOV.UK Notify, by its own HTTP: what it takes, refuses, has enough of, and says afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from portal.notices import delivered, hearing_back
from portal.notices.delivering import BACK_OFF, deliver_batch, send_again
from portal.notices.models import Outbox, Outcome, Sending, State, Unreachable, Way
from portal.notices.tests.making import all_due, choose, tell
from portal.notices.tests.standins import API_KEY, TEMPLATES, Notify, refusal
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
MOBILE = "+447700900123"
CALLBACK = "/notices/notify-receipt"
TOKEN = "a-token-for-callbacks"


@pytest.fixture
def notify(settings: LazySettings) -> Iterator[Notify]:
    server = Notify()
    server.start()
    settings.NOTICE_CHANNELS = ["notify_email", "notify_sms"]
    settings.NOTIFY_API_KEY, settings.NOTIFY_URL = API_KEY, f"http://127.0.0.1:{server.port}"
    settings.NOTIFY_EMAIL_TEMPLATE, settings.NOTIFY_SMS_TEMPLATE = TEMPLATES["email"], TEMPLATES["sms"]
    settings.NOTIFY_CALLBACK_TOKEN = TOKEN
    yield server
    server.stop()


@pytest.fixture
def officer() -> Person:
    return PersonFactory()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setitem(delivered._listeners, "duty", lambda key, at: heard.append(key))
    return heard


def becomes(notify: Notify, status: str) -> None:
    for one in notify.taken:
        one["status"] = status


def test_an_email_carries_the_words_the_link_and_the_key_as_reference(notify: Notify, officer: Person) -> None:
    tell(officer)
    deliver_batch()
    (taken,) = notify.taken
    assert taken["email_address"] == officer.email
    assert taken["personalisation"] == {
        "subject": "A duty is yours",
        "body": "Open it by 4:02pm.",
        "link": "http://testserver/duties/",
    }
    assert taken["reference"] == "duty:1"
    assert Sending.objects.get().provider_id == taken["id"]


def test_a_text_carries_a_line_and_the_link(notify: Notify, officer: Person) -> None:
    choose(officer, by_email=False, by_text=True, mobile=MOBILE)
    tell(officer)
    deliver_batch()
    (taken,) = notify.taken
    assert taken["phone_number"] == MOBILE
    assert taken["personalisation"] == {"subject": "A duty is yours", "link": "http://testserver/duties/"}


def test_a_duty_goes_by_every_channel_that_was_chosen(notify: Notify, officer: Person) -> None:
    choose(officer, by_text=True, mobile=MOBILE)
    tell(officer)
    deliver_batch()
    assert {taken["type"] for taken in notify.taken} == {"email", "sms"}
    assert Outbox.objects.get().state == State.SENT


def test_taken_by_notify_is_not_told_and_delivered_is(notify: Notify, officer: Person, told: list[str]) -> None:
    tell(officer)
    deliver_batch()
    assert (Outbox.objects.get().state, told) == (State.SENT, [])
    becomes(notify, "sending")
    assert (hearing_back.fetch(), told) == (0, [])
    becomes(notify, "delivered")
    assert (hearing_back.fetch(), hearing_back.fetch(), told) == (1, 0, ["duty:1"])
    assert Sending.objects.get().outcome == Outcome.TOLD


def test_a_key_that_is_wrong_is_tried_again_later_and_once_a_batch(notify: Notify, settings: LazySettings) -> None:
    settings.NOTIFY_API_KEY = API_KEY[:-1] + "3"
    for number in range(3):
        tell(PersonFactory(), f"duty:{number}")
    deliver_batch()
    assert len(notify.requests) == 1
    assert set(Outbox.objects.values_list("state", "last_error")) == {(State.WAITING, "E-mail through GOV.UK Notify: Notify 403")}


@pytest.mark.parametrize(
    "fault", [refusal(429, "RateLimitError", "Exceeded rate limit"), refusal(500, "Exception", "Internal server error")]
)
def test_too_many_requests_and_faults_of_theirs_are_tried_again(notify: Notify, officer: Person, fault: Any) -> None:
    notify.faults = [fault]
    tell(officer)
    deliver_batch()
    assert Outbox.objects.get().state == State.WAITING
    assert not Unreachable.objects.exists()
    all_due()
    deliver_batch()
    assert Outbox.objects.get().state == State.SENT


def test_an_address_that_cannot_be_one_bounces(notify: Notify) -> None:
    officer = PersonFactory(email="somebody@force.invalid")
    tell(officer)
    deliver_batch()
    assert Outbox.objects.get().state == State.FAILED
    assert Unreachable.objects.get().address == officer.email


def test_a_template_that_is_wrong_is_no_fault_of_the_address(notify: Notify, officer: Person, settings: LazySettings) -> None:
    settings.NOTIFY_EMAIL_TEMPLATE = TEMPLATES["sms"]
    tell(officer)
    deliver_batch()
    assert (Outbox.objects.get().state, Unreachable.objects.exists()) == (State.WAITING, False)


def test_what_notify_took_without_our_hearing_of_it_is_not_sent_twice(notify: Notify, officer: Person, told: list[str]) -> None:
    notify.forget_answers = 1
    tell(officer)
    deliver_batch()
    assert Outbox.objects.get().state == State.WAITING
    all_due()
    deliver_batch()
    assert len(notify.taken) == 1
    assert Sending.objects.get().provider_id == notify.taken[0]["id"]
    becomes(notify, "delivered")
    hearing_back.fetch()
    assert told == ["duty:1"]


def given_up() -> Outbox:
    """The one notice, at the end of its attempts."""
    Outbox.objects.update(attempts=len(BACK_OFF))
    all_due()
    deliver_batch()
    return Outbox.objects.get(state=State.FAILED)


def test_what_got_through_is_not_sent_twice_where_it_was_given_up_and_is_sent_again(notify: Notify, officer: Person) -> None:
    notify.forget_answers = 1
    tell(officer)
    assert send_again(keys=[given_up().pk]) == 1
    deliver_batch()
    assert len(notify.taken) == 1
    assert Outbox.objects.get().state == State.SENT
    assert Sending.objects.get().provider_id == notify.taken[0]["id"]


def test_what_notify_could_not_deliver_is_really_sent_again(notify: Notify, officer: Person) -> None:
    tell(officer)
    deliver_batch()
    becomes(notify, "temporary-failure")
    hearing_back.fetch()
    deliver_batch()
    assert send_again(keys=[Outbox.objects.given_up().get().pk]) == 1
    deliver_batch()
    assert len(notify.taken) == 2
    assert Sending.objects.get().provider_id == notify.taken[1]["id"]


def test_another_channel_that_may_have_it_is_asked_once_the_first_failed_for_good(notify: Notify, officer: Person) -> None:
    choose(officer, by_text=True, mobile=MOBILE)
    tell(officer)
    notify.forget_answers = 1  # the e-mail
    deliver_batch()
    Outbox.objects.update(state=State.SENT)  # the text is enough, at the end of its attempts
    notify.taken[1]["status"] = "permanent-failure"
    hearing_back.fetch()
    deliver_batch()
    assert [taken["type"] for taken in notify.taken] == ["email", "sms"]


def test_a_failure_for_good_that_comes_back_bounces_and_another_channel_is_used(notify: Notify, officer: Person, told: list[str]) -> None:
    choose(officer, mobile=MOBILE)
    tell(officer)
    deliver_batch()
    becomes(notify, "permanent-failure")
    hearing_back.fetch()
    bounced = Unreachable.objects.get()
    assert (bounced.way, bounced.address) == (Way.NOTIFY_EMAIL, officer.email)
    deliver_batch()
    assert [taken["type"] for taken in notify.taken] == ["email", "sms"]
    tell(officer, "duty:2")
    deliver_batch()
    assert notify.taken[-1]["type"] == "sms", "the address rests"


def test_a_failure_that_comes_back_with_nothing_else_left_is_a_dead_letter(notify: Notify, officer: Person, told: list[str]) -> None:
    tell(officer)
    deliver_batch()
    becomes(notify, "temporary-failure")
    hearing_back.fetch()
    deliver_batch()
    assert (Outbox.objects.get().state, told, Unreachable.objects.exists()) == (State.FAILED, [], False)


def test_notify_being_away_when_it_is_asked_changes_nothing(notify: Notify, officer: Person) -> None:
    tell(officer)
    deliver_batch()
    notify.faults = [refusal(500, "Exception", "Internal server error")]
    assert hearing_back.fetch() == 0


def call(client: Client, body: Any, token: str = TOKEN) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    content = body if isinstance(body, str) else json.dumps(body)
    return int(client.post(CALLBACK, content, content_type="application/json", headers=headers).status_code)


def test_notify_may_call_with_what_became_of_it(notify: Notify, officer: Person, client: Client, told: list[str]) -> None:
    tell(officer)
    deliver_batch()
    said = {"id": notify.taken[0]["id"], "reference": "duty:1", "to": officer.email, "status": "delivered", "notification_type": "email"}
    assert call(client, said) == call(client, said) == 204
    assert told == ["duty:1"]


def test_a_call_about_something_unknown_changes_nothing(notify: Notify, client: Client) -> None:
    assert call(client, {"id": "unknown", "status": "delivered"}) == 204


@pytest.mark.parametrize("body", ["{", "[]", '"words"'])
def test_a_call_that_says_nothing_readable_is_refused(notify: Notify, client: Client, body: str) -> None:
    assert call(client, body) == 400


def test_without_the_token_nothing_is_there(notify: Notify, client: Client, settings: LazySettings) -> None:
    assert call(client, {"id": "x", "status": "delivered"}, token="wrong") == 404
    settings.NOTIFY_CALLBACK_TOKEN = ""
    assert call(client, {"id": "x", "status": "delivered"}, token="") == 404
    assert client.get(CALLBACK).status_code == 405

"""E-mail, with a real server: what it takes, refuses for good, puts off, and drops in the middle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.core.mail.backends.smtp import EmailBackend

from portal.notices import delivered, delivering
from portal.notices.delivering import deliver_batch
from portal.notices.models import Outbox, Outcome, Sending, State, Unreachable
from portal.notices.tests.mail_server import Handler, MailServer
from portal.notices.tests.making import all_due, choose, tell
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: LazySettings) -> Iterator[Handler]:
    mail = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", mail.start(), 5
    yield mail.handler
    mail.stop()


@pytest.fixture
def officer() -> Person:
    return PersonFactory()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setitem(delivered._listeners, "duty", lambda key, at: heard.append(key))
    return heard


def test_a_letter_that_the_server_takes_means_told(server: Handler, officer: Person, told: list[str]) -> None:
    tell(officer)
    deliver_batch()
    assert server.ids == ["<duty.1@force.example>"]
    assert server.letters[0]["Auto-Submitted"] == "auto-generated"
    assert (Sending.objects.get().outcome, Outbox.objects.get().state, told) == (Outcome.TOLD, State.SENT, ["duty:1"])


def test_a_line_break_in_a_name_neither_stops_a_letter_nor_adds_to_its_headers(server: Handler, officer: Person) -> None:
    tell(officer)
    Outbox.objects.update(subject="You stand in for Ada\r\nBcc: somebody@elsewhere.example")
    deliver_batch()
    assert server.letters[0]["Subject"] == "You stand in for Ada Bcc: somebody@elsewhere.example"
    assert server.letters[0]["Bcc"] is None
    assert Outbox.objects.get().state == State.SENT


def test_a_batch_goes_over_one_connection(server: Handler) -> None:
    for number in range(5):
        tell(PersonFactory(), f"duty:{number}")
    deliver_batch()
    assert (len(server.letters), len(server.sessions)) == (5, 1)


def test_an_address_refused_for_good_bounces_and_the_notice_is_a_dead_letter_at_once(
    server: Handler, officer: Person, told: list[str]
) -> None:
    server.answers[officer.email] = "550 5.1.1 No such user"
    tell(officer)
    deliver_batch()
    notice, bounced = Outbox.objects.get(), Unreachable.objects.get()
    assert (notice.state, notice.last_error) == (State.FAILED, "E-mail: SMTP 550 at the recipient")
    assert (bounced.person, bounced.address) == (officer, officer.email)
    assert not told


def test_a_refusal_of_policy_is_no_fault_of_the_address(server: Handler, officer: Person) -> None:
    server.answers[officer.email] = "554 5.7.1 Relay access denied"
    tell(officer)
    deliver_batch()
    assert Outbox.objects.get().state == State.FAILED
    assert not Unreachable.objects.exists()


def test_a_refusal_does_not_stop_the_rest_of_the_batch(server: Handler, officer: Person) -> None:
    server.answers[officer.email] = "550 5.1.1 No such user"
    tell(officer)
    tell(PersonFactory(), "duty:2")
    deliver_batch()
    assert server.ids == ["<duty.2@force.example>"]


def test_a_greylisted_letter_goes_later(server: Handler, officer: Person) -> None:
    server.put_off[officer.email] = 2
    tell(officer)
    for _ in range(3):
        deliver_batch()
        all_due()
    assert server.ids == ["<duty.1@force.example>"]
    assert not Unreachable.objects.exists()
    assert Outbox.objects.get().attempts == 3


def test_a_connection_that_drops_after_the_server_kept_the_letter_sends_it_again_under_the_same_id(
    server: Handler, officer: Person, told: list[str]
) -> None:
    server.hang_ups = 1
    tell(officer)
    deliver_batch()
    assert (Outbox.objects.get().state, told) == (State.WAITING, [])
    all_due()
    deliver_batch()
    assert server.ids == ["<duty.1@force.example>"] * 2
    assert (Outbox.objects.get().state, told) == (State.SENT, ["duty:1"])


def test_a_connection_that_drops_in_the_middle_of_a_letter_costs_the_next_one_nothing(server: Handler, officer: Person) -> None:
    server.hang_up_before_keeping = 1
    tell(officer)
    tell(PersonFactory(), "duty:2")
    deliver_batch()
    assert server.ids == ["<duty.2@force.example>"]
    all_due()
    deliver_batch()
    assert sorted(server.ids) == ["<duty.1@force.example>", "<duty.2@force.example>"]


def test_a_letter_refused_for_what_it_is_is_given_up(server: Handler, officer: Person) -> None:
    server.at_data = "554 5.6.0 Not like this"
    tell(officer)
    deliver_batch()
    assert Outbox.objects.get().last_error == "E-mail: SMTP 554 at the letter"
    assert not Unreachable.objects.exists()


def test_a_server_that_is_full_is_asked_again(server: Handler, officer: Person) -> None:
    server.at_data = "452 4.3.1 No room"
    tell(officer)
    deliver_batch()
    assert Outbox.objects.get().state == State.WAITING


def test_a_server_that_is_away_is_tried_once_a_batch(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 1
    for number in range(3):
        tell(PersonFactory(), f"duty:{number}")
    opened: list[EmailBackend] = []
    real = EmailBackend.open

    def open_(self: EmailBackend) -> bool | None:
        opened.append(self)
        return real(self)

    monkeypatch.setattr(EmailBackend, "open", open_)
    deliver_batch()
    assert len(opened) == 1
    assert set(Outbox.objects.values_list("state", "last_error")) == {(State.WAITING, "E-mail: ConnectionRefusedError")}


def test_an_address_that_works_again_is_not_held_against_its_person(server: Handler, officer: Person) -> None:
    server.answers[officer.email] = "550 5.1.1 No such user"
    tell(officer)
    deliver_batch()
    server.answers.clear()
    assert delivering.send_again(keys=[Outbox.objects.get().pk]) == 1
    assert not Unreachable.objects.exists()
    deliver_batch()
    assert Outbox.objects.get().state == State.SENT


def test_an_address_that_refused_is_still_tried_where_nothing_else_reaches_them(server: Handler, officer: Person) -> None:
    server.answers[officer.email] = "550 5.1.1 No such user"
    tell(officer)
    deliver_batch()
    server.answers.clear()
    tell(officer, "duty:2")
    deliver_batch()
    assert server.ids == ["<duty.2@force.example>"]
    assert not Unreachable.objects.exists()


def test_quiet_hours_and_choices_do_not_change_what_a_letter_says(server: Handler, officer: Person) -> None:
    choose(officer, groups={"guidance": "daily"})
    tell(officer)
    deliver_batch()
    assert server.letters[0].get_payload().strip().endswith("http://testserver/duties/")  # type: ignore[union-attr]

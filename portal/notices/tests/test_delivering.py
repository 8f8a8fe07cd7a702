from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models.functions import Now

from portal.notices import delivered
from portal.notices.delivering import BACK_OFF, deliver_batch
from portal.notices.models import Outbox, State
from portal.notices.outbox import put
from portal.notices.tasks import deliver
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def tell(person: Person, dedupe: str = "duty:1") -> None:
    put(to=person, kind="duty.passed", subject="A duty is yours", body="Open it by 4:02pm.", link="/duties/MR-1/", dedupe=dedupe)


@pytest.fixture
def officer() -> Person:
    return PersonFactory()


@pytest.fixture
def broken_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(letter: EmailMessage) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailMessage, "send", refuse)


def test_a_notice_goes_out_once_with_a_link_and_its_own_message_id(officer: Person) -> None:
    tell(officer)
    assert (deliver_batch(), deliver_batch()) == (1, 0)
    (letter,) = mail.outbox
    assert letter.to == [officer.email]
    assert "http://testserver/duties/MR-1/" in letter.body
    assert letter.extra_headers["Message-ID"] == "<duty.1@force.example>"
    assert Outbox.objects.get().state == State.SENT


def test_the_same_key_is_told_once(officer: Person) -> None:
    tell(officer)
    tell(officer)
    assert Outbox.objects.count() == 1


def test_a_notice_that_cannot_go_waits_longer_each_time_and_is_given_up_at_last(officer: Person, broken_mail: None) -> None:
    tell(officer)
    for attempt in range(len(BACK_OFF) + 1):
        assert deliver_batch() == 1
        notice = Outbox.objects.get()
        assert notice.attempts == attempt + 1
        assert notice.next_try_at > notice.made_at
        Outbox.objects.update(next_try_at=Now())
    assert (notice.state, notice.last_error) == (State.FAILED, "E-mail: ConnectionRefusedError")
    assert deliver_batch() == 0


def test_a_room_hears_that_its_notice_was_delivered(officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, datetime]] = []
    monkeypatch.setitem(delivered._listeners, "test", lambda key, at: heard.append((key, at)))
    tell(officer, "test:7")
    tell(officer, "other:7")
    deliver_batch()
    assert heard == [("test:7", Outbox.objects.get(dedupe="test:7").sent_at)]


def test_the_task_delivers_everything_that_is_due(officer: Person) -> None:
    for number in range(105):
        tell(officer, f"duty:{number}")
    assert deliver() == 105
    assert len(mail.outbox) == 105


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_the_same_notice(together: Callable[..., list[Any]]) -> None:
    with transaction.atomic():
        for number in range(20):
            tell(PersonFactory(), f"duty:{number}")
    taken = together(*[lambda: deliver_batch(most=7)] * 4)
    assert sum(taken) == len(mail.outbox)
    while deliver_batch():
        pass
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == len(mail.outbox) == 20


@pytest.mark.django_db(transaction=True)
def test_a_notice_belongs_to_the_transaction_it_tells_of(officer: Person) -> None:
    with pytest.raises(RuntimeError):
        tell(officer)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(officer)
        raise ZeroDivisionError
    assert not Outbox.objects.exists()

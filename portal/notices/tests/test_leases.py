"""A worker that dies over a notice: the claim runs out, and somebody else delivers it under the same Message-ID."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from portal.local import scratch
from portal.notices import claiming, delivering, kinds
from portal.notices.channels.base import NotNow, Taken
from portal.notices.channels.notify import Notify
from portal.notices.channels.smtp import Smtp
from portal.notices.delivering import BACK_OFF, DEATHS, deliver_batch
from portal.notices.models import Outbox, Sending, State, Way
from portal.notices.tests.mail_server import MailServer
from portal.notices.tests.making import DUTY, NEWS, all_due, choose, tell
from portal.notices.tests.standins import API_KEY
from portal.people.tests.factories import PersonFactory

WORKER = """
import django; django.setup()
from django.conf import settings
settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", {port}
from portal.notices.delivering import deliver_batch
deliver_batch()
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_delivery_leaves_it_to_the_next(settings: LazySettings) -> None:
    tell(PersonFactory())
    server = MailServer()
    port = server.start()
    server.handler.never_answers = True
    worker = _start(port)
    try:
        _wait_for(lambda: bool(server.handler.letters))
        assert deliver_batch() == 0, "what somebody is delivering is theirs"
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        server.handler.never_answers = False
        assert Outbox.objects.get().next_try_at > Outbox.objects.get().made_at + timedelta(seconds=60)
        all_due()
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", port
        assert deliver_batch() == 1
    finally:
        worker.kill()
        worker.wait()
        server.stop()
    assert server.handler.ids == ["<duty.1@force.example>"] * 2
    assert (Outbox.objects.get().state, Outbox.objects.get().attempts) == (State.SENT, 2)


def _start(port: int) -> subprocess.Popen[bytes]:
    database = scratch.with_database(os.environ["DATABASE_URL"], str(connection.settings_dict["NAME"]))
    environment = {**os.environ, "DATABASE_URL": database}
    return subprocess.Popen([sys.executable, "-c", WORKER.format(port=port)], env=environment)


def _wait_for(happened: object) -> None:
    until = time.monotonic() + 30
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.django_db
def test_a_notice_that_every_worker_dies_over_is_given_up_at_last() -> None:
    tell(PersonFactory())
    Outbox.objects.update(attempts=len(BACK_OFF) + DEATHS)
    deliver_batch()
    assert Outbox.objects.get().state == State.FAILED


@pytest.mark.django_db
def test_a_fault_in_one_notice_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tell(PersonFactory()), tell(PersonFactory(), "duty:2")
    real = Smtp.send

    def send(self: Smtp, letter: object, to: object, address: str) -> object:
        if address == first.to.email:
            raise ZeroDivisionError
        return real(self, letter, to, address)  # type: ignore[arg-type]

    monkeypatch.setattr(Smtp, "send", send)
    deliver_batch()
    states = dict(Outbox.objects.values_list("pk", "state"))
    assert states == {first.pk: State.WAITING, second.pk: State.SENT}
    assert Outbox.objects.get(pk=first.pk).last_error == "ZeroDivisionError"


@pytest.mark.django_db
def test_what_there_is_no_time_for_is_given_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "WORK_SECONDS", -1.0)
    tell(PersonFactory())
    assert deliver_batch() == 0
    notice = Outbox.objects.get()
    assert (notice.state, notice.attempts, Outbox.objects.due().count()) == (State.WAITING, 0, 1)


@pytest.mark.django_db
def test_whoever_lost_a_lease_does_not_put_off_what_somebody_else_has_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    notice = tell(PersonFactory())
    (ours,) = claiming.claim(10)
    all_due()
    (theirs,) = claiming.claim(10)
    delivering._again_or_give_up(ours, "too late")
    assert Outbox.objects.get(pk=notice.pk).next_try_at == theirs.next_try_at


@pytest.mark.django_db
def test_what_was_kept_first_stands_where_two_delivered_the_same_notice() -> None:
    notice = tell(PersonFactory())
    deliver_batch()
    kept = Sending.objects.get()
    delivering.keep_taken(notice, Way.SMTP, Taken(told=True))
    assert Sending.objects.get().at == kept.at
    assert Outbox.objects.get().sent_at == kept.at


@pytest.mark.django_db
def test_a_room_that_cannot_say_what_is_urgent_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(notices: object) -> set[int]:
        raise ZeroDivisionError

    monkeypatch.setitem(kinds._urgent, "test", broken)
    tell(PersonFactory())
    deliver_batch()
    assert Outbox.objects.get().state == State.SENT


@pytest.mark.django_db
def test_a_duty_takes_another_channel_where_a_mail_server_stays_away(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.NOTICE_CHANNELS = ["smtp", "notify_sms"]
    settings.NOTIFY_API_KEY = API_KEY

    def away(self: Smtp, letter: object, to: object, address: str) -> Taken:
        raise NotNow("gone")

    monkeypatch.setattr(Smtp, "send", away)
    monkeypatch.setattr(Notify, "send", lambda *given: Taken(told=False, provider_id="1"))
    officer = PersonFactory()
    choose(officer, mobile="+447700900123")
    tell(officer)
    tell(officer, "guidance.waiting:1", NEWS)
    ways = []
    for _ in range(3):
        all_due()
        deliver_batch()
        ways.append([*Sending.objects.values_list("notice__kind", "way")])
    assert ways == [[], [], [(DUTY, Way.NOTIFY_SMS)]]


@pytest.mark.django_db
def test_duties_go_before_a_mailing_that_waited_longer() -> None:
    for number in range(3):
        tell(PersonFactory(), f"guidance.waiting:{number}", NEWS)
    Outbox.objects.update(next_try_at=F("next_try_at") - timedelta(hours=1))
    duty = tell(PersonFactory())
    assert claiming.claim(1)[0].pk == duty.pk


@pytest.mark.django_db
def test_attempts_that_failed_together_do_not_come_back_together(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = set()
    for number in range(8):
        notice = tell(PersonFactory(), f"duty:{number}")
        Outbox.objects.filter(pk=notice.pk).update(attempts=1, next_try_at=Now())
        notice.refresh_from_db()
        before = notice.next_try_at
        delivering._again_or_give_up(notice, "")
        notice.refresh_from_db()
        waits.add(round((notice.next_try_at - before).total_seconds(), 3))
    assert len(waits) > 1
    assert all(10 <= wait <= 13 for wait in waits)

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction
from kombu.exceptions import OperationalError as BrokerError

from portal.clock import sweeping, ticking
from portal.clock.ticking import Clock, Work, beat, nudge_delivery
from portal.health import clock
from portal.notices.outbox import put
from portal.notices.tasks import deliver
from portal.people.tests.factories import PersonFactory
from portal.record.appending import append, process_actor
from portal.record.models import Fact


def test_work_waits_its_turn_and_repeats_while_there_is_more() -> None:
    done = [3, 3, 1, 0]
    calls: list[int] = []

    def do() -> int:
        calls.append(done.pop(0))
        return calls[-1]

    work = Work("test", 10.0, do, full=3)
    work.run_if_due(0.0)
    work.run_if_due(9.9)
    assert calls == [3, 3, 1]
    work.run_if_due(10.0)
    assert calls == [3, 3, 1, 0]


def test_a_long_backlog_lets_the_other_work_have_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "SLICE_SECONDS", 0.0)
    calls: list[int] = []

    def do() -> int:
        calls.append(1)
        return 3

    work = Work("test", 10.0, do, full=3)
    work.run_if_due(5.0)
    assert calls == [1], "not again and again"
    work.run_if_due(5.1)
    assert calls == [1, 1], "and not ten seconds later"


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError("gone"), BrokerError("gone"), ConnectionRefusedError(), ValueError("a tree")])
def test_work_that_fails_is_tried_again_and_stops_nothing(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    answers: list[Exception | None] = [error, None]

    def fail_once() -> int:
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        return 0

    work = Work("test", 1.0, fail_once)
    work.run_if_due(0.0)
    assert "will be tried again" in caplog.text
    work.run_if_due(1.0)
    assert answers == []


@pytest.mark.django_db
def test_the_clock_leaves_a_sign_of_life() -> None:
    assert clock() == (False, "has never run")
    beat()
    beat()
    assert clock()[0]


@pytest.mark.django_db
def test_delivery_is_asked_for_only_when_something_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(deliver, "delay", lambda: asked.append(True))
    nudge_delivery()
    assert asked == []
    put(to=PersonFactory(), kind="a.b", subject="s", body="b", link="/", dedupe="a:1")
    nudge_delivery()
    assert asked == [True]


@pytest.mark.django_db(transaction=True)
def test_a_running_clock_sequences_and_fires_and_stops_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        append(kind="report.sent", subject="report:a", actor=process_actor("test"))
    stop, fired = Event(), Event()

    def fire(*, most: int) -> int:
        fired.set()
        return 0

    monkeypatch.setattr(sweeping, "fire_due", fire)

    def run() -> None:
        Clock(stop).run()
        connections.close_all()

    thread = Thread(target=run)
    thread.start()
    try:
        assert fired.wait(10)
        assert wait_until(lambda: not Fact.objects.unsequenced().exists())
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert clock()[0]


def wait_until(true: Callable[[], Any], seconds: float = 10.0) -> bool:
    pause = Event()
    for _ in range(int(seconds / 0.05)):
        if true():
            return True
        pause.wait(0.05)
    return False

from __future__ import annotations

import logging
import time
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections, transaction

from portal.clock import sweeping, ticking
from portal.clock.ticking import Clock
from portal.notices.outbox import put
from portal.notices.tasks import deliver
from portal.people.tests.factories import PersonFactory
from portal.record.keeping import Keeper
from portal.record.models import Checkpoint
from portal.record.tests.restores import Backup, add

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def older(keeper: Keeper, owner_connection: Any) -> None:
    """A database of two facts where five were signed."""
    keeper.round()
    backup = Backup(owner_connection)
    add("report:a", "report:b", "report:c")
    keeper.round()
    keeper.close()
    backup.put_back()


def test_the_clock_keeps_its_heartbeat_and_does_nothing_else(older: None, monkeypatch: Any, caplog: pytest.LogCaptureFixture) -> None:
    beaten, stop = Event(), Event()
    fired: list[int] = []
    real = ticking.beat

    def beat() -> int:
        beaten.set()
        return real()

    def fire(*, most: int) -> int:
        fired.append(most)
        return 0

    monkeypatch.setattr(ticking, "beat", beat)
    monkeypatch.setattr(sweeping, "fire_due", fire)
    monkeypatch.setattr(ticking, "TICK_SECONDS", 0.01)
    with transaction.atomic():
        put(to=PersonFactory(), kind="a.b", subject="s", body="b", link="/", dedupe="a:1")
    monkeypatch.setattr(deliver, "delay", lambda: fired.append(0))
    before = Checkpoint.objects.count()

    def run() -> None:
        clock = Clock(stop)
        for work in clock.work:
            work.every_seconds = min(work.every_seconds, 0.02)
        clock.run()
        connections.close_all()

    with caplog.at_level(logging.ERROR):
        thread = Thread(target=run)
        thread.start()
        assert beaten.wait(10)
        time.sleep(0.3)
        stop.set()
        thread.join(10)
    assert fired == []
    assert Checkpoint.objects.count() == before
    assert caplog.text.count("read-only:") == 1, "said once, not at every round"

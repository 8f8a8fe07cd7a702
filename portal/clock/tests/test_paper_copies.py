from __future__ import annotations

import json
from typing import Any

import pytest
from kombu.exceptions import OperationalError as BrokerError

from portal.clock.ticking import Work, nudge_papers
from portal.people.tests.factories import PersonFactory
from portal.receipts.models import Copy, CopyState
from portal.receipts.tasks import make_papers

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_clock_asks_for_wanted_copies_and_tells_the_broker_nothing_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(make_papers, "apply_async", lambda *said, **named: sent.append((said, named)))
    assert nudge_papers() == 0
    assert sent == []
    Copy.objects.create(person=PersonFactory(), kind="test", key="7")
    assert nudge_papers() == 1
    assert json.dumps(sent) == json.dumps([[[[], {}], {}]])


def test_a_broker_that_is_away_only_means_asking_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise BrokerError("gone")

    monkeypatch.setattr(make_papers, "apply_async", away)
    Copy.objects.create(person=PersonFactory(), kind="test", key="7")
    Work("paper copies", 1.0, nudge_papers).run_if_due(0.0)
    assert "will be tried again" in caplog.text
    assert Copy.objects.get().state == CopyState.WANTED

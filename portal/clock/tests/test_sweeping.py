from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from portal.clock import sweeping
from portal.people.tests.factories import desk
from reporting.escalation import lapsing
from reporting.escalation.leaving_alone import LeftAlone
from reporting.models import Duty, Lapse, Report
from reporting.tests.making import a_line, age, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "FIRST", 2)
    monkeypatch.setattr(sweeping, "BATCH", 2)


@pytest.fixture(autouse=True)
def nothing_is_stuck() -> Iterator[None]:
    yield
    lapsing._stuck = LeftAlone()


def due(many: int) -> None:
    desk()
    for report in [send(a_line()[0]) for _ in range(many)]:
        age(report, hours=3)


def test_more_than_a_batch_is_shared_with_a_helper_and_fired_once() -> None:
    due(7)
    assert sweeping.sweep() < 2
    assert Lapse.objects.count() == 7


def test_a_handful_is_fired_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_help", lambda until: pytest.fail("nobody is needed"))
    due(1)
    assert sweeping.sweep() == 1


def test_a_sweep_ends_in_time_and_says_that_more_may_be_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "SECONDS", 0.0)
    due(5)
    assert sweeping.sweep() == 2
    assert Lapse.objects.count() == 2


def test_a_thousand_that_cannot_be_passed_on_stop_nobody_behind(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    due(4)
    stuck = list(Duty.objects.order_by("next_due_at").values_list("report", flat=True)[:2])
    Report.objects.filter(pk__in=stuck).update(ladder=[])
    assert [lapsing.fire_due(most=2), lapsing.fire_due(most=2), lapsing.fire_due(most=2)] == [2, 2, 0]
    assert Lapse.objects.count() == 2
    assert "could not be passed on" in caplog.text
    monkeypatch.setattr(time, "monotonic", lambda: 1e9)
    assert lapsing.fire_due(most=2) == 2, "tried again later"

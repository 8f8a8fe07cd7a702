"""`make test` runs 10,000 steps of history; `make soak` sets HISTORY_STEPS to a million."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.history.machine import History

STEPS = int(os.environ.get("HISTORY_STEPS", "10000"))
EACH, AT_ONCE = 200, 15


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(0)
def test_the_record_keeps_its_promises_whatever_happens(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = settings(
        max_examples=AT_ONCE,
        stateful_step_count=EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # shrinking would take longer than reading the history
        suppress_health_check=list(HealthCheck),
    )
    History.steps, History.kinds = 0, {}
    while History.steps < STEPS:
        run_state_machine_as_test(History, settings=chosen)
    with capsys.disabled():
        print(f"\n{History.steps:,} steps of history: " + ", ".join(f"{many:,} × {what}" for what, many in sorted(History.kinds.items())))
    assert History.steps >= STEPS
    assert set(History.kinds) == {"write", "commit", "roll back", "send", "round", "crash", "receipt", "erase", "restore"}

"""`make test` runs 10,000 steps of history; `make soak` runs a million, in parts that each begin with an empty record, two at a time.

A part is small enough that counting everything at the end of each history stays cheap.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.history.machine import History

STEPS = int(os.environ.get("HISTORY_STEPS", "10000"))
PARTS = int(os.environ.get("HISTORY_PARTS", "1"))
EACH, AT_ONCE = 200, 15


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(PARTS))
def test_the_record_keeps_its_promises_whatever_happens(part: int) -> None:
    steps = -(-STEPS // PARTS)
    chosen = settings(
        max_examples=AT_ONCE,
        stateful_step_count=EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # shrinking would take longer than reading the history
        suppress_health_check=list(HealthCheck),
    )
    History.steps, History.kinds = 0, {}
    while History.steps < steps:
        run_state_machine_as_test(History, settings=chosen)
    done = ", ".join(f"{many:,} × {what}" for what, many in sorted(History.kinds.items()))
    print(f"part {part + 1} of {PARTS}: {History.steps:,} steps of history: {done}")
    assert History.steps >= steps
    assert set(History.kinds) == {"write", "commit", "roll back", "send", "round", "crash", "receipt", "erase", "restore"}

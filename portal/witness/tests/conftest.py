from __future__ import annotations

import pytest

from portal.witness import asking, posting


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is not a witness that is away: only tests about waiting wait for short."""
    monkeypatch.setattr(posting, "WAIT_SECONDS", 30.0)
    monkeypatch.setattr(asking, "EXCHANGE_SECONDS", 40.0)
    monkeypatch.setattr(asking, "ROUND_SECONDS", 90.0)

"""Two answers given a moment apart read alike, also where the hour or the minute turned between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.ui import words
from tests.interference.masking import masked


@pytest.mark.parametrize("hour", [0, 9, 12, 15])
def test_a_time_on_the_hour_is_a_time_like_any_other(hour: int) -> None:
    at = datetime(2025, 12, 3, hour, 59, tzinfo=UTC)
    before, after = (masked(f"Due {words.moment(at + timedelta(minutes=later))}.") for later in (0, 1))
    assert before == after == "Due <time>."


def test_a_stretch_under_a_minute_is_a_stretch_like_any_other() -> None:
    assert masked(words.duration(timedelta(seconds=59))) == masked(words.duration(timedelta(minutes=1))) == "<time>"

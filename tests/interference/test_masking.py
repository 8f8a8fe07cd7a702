"""Two answers given a moment apart read alike, also where the hour or the minute turned between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.ui import words
from reporting.choices import Deadline, Why
from reporting.statements.intervals import Absence, Interval, Reading
from reporting.statements.wording import Voice
from tests.interference.masking import masked

AT = datetime(2025, 12, 3, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("hour", [0, 9, 12, 15])
def test_a_time_on_the_hour_is_a_time_like_any_other(hour: int) -> None:
    at = datetime(2025, 12, 3, hour, 59, tzinfo=UTC)
    before, after = (masked(f"Due {words.moment(at + timedelta(minutes=later))}.") for later in (0, 1))
    assert before == after == "Due <time>."


def test_a_stretch_under_a_minute_is_a_stretch_like_any_other() -> None:
    assert masked(words.duration(timedelta(seconds=59))) == masked(words.duration(timedelta(minutes=1))) == "<time>"


def test_a_statement_asked_for_within_the_minute_reads_as_one_asked_for_later() -> None:
    at_once, later = (sentences(AT + timedelta(seconds=seconds)) for seconds in (20, 200))
    assert at_once != later
    assert [masked(one) for one in at_once] == [masked(one) for one in later]
    assert masked(sentences(AT)[1]) != masked(sentences(AT)[1].replace("did not open", "opened"))


def sentences(asked_at: datetime) -> list[str]:
    """What a statement says of a duty that somebody holds since `AT` and has not opened."""
    due = AT + timedelta(hours=4)
    held = Interval(1, "person:x", "person:y", Why.SENT, AT, due, due, 0)
    held.absences = [Absence(Deadline.OPEN, AT, asked_at, by_deadline=False)]
    return Voice({}).proved(Reading([held], asked_at, 0))

from __future__ import annotations

from datetime import date

import pytest

from portal.hours.counting import ALWAYS, Hours, Shift
from portal.hours.wording import in_words

CLOSED = "Bank holidays and closed days don't count."


def shifts(weekdays: range | list[int], *spans: tuple[int, int]) -> list[Shift]:
    return [Shift(weekday, starts * 60, ends * 60) for weekday in weekdays for starts, ends in spans]


@pytest.mark.parametrize(
    ("week", "sentence"),
    [
        (shifts(range(5), (8, 18)), "Monday to Friday, 8am to 6pm."),
        (shifts([0, 1], (8, 12), (13, 17)), "Monday and Tuesday, 8am to midday and 1pm to 5pm."),
        (shifts([0, 2], (22, 6)), "Monday, 10pm to 6am the next day; Wednesday, 10pm to 6am the next day."),
        (shifts(range(7), (0, 0)), "Every day, all day."),
        (shifts([5], (16, 0)), "Saturday, 4pm to midnight."),
        ([*shifts(range(4), (8, 18)), *shifts([4], (8, 14))], "Monday to Thursday, 8am to 6pm; Friday, 8am to 2pm."),
    ],
)
def test_a_week_is_said_in_runs_of_days(week: list[Shift], sentence: str) -> None:
    assert in_words(Hours(tuple(week), frozenset({date(2026, 12, 25)}))) == f"{sentence} {CLOSED}"


def test_hours_that_count_on_closed_days_say_so() -> None:
    assert in_words(Hours(tuple(shifts([0], (8, 18))))).endswith("count too.")


def test_no_shifts_are_every_hour() -> None:
    assert in_words(ALWAYS) == "Every hour of every day."

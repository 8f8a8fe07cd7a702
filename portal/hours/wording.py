"""Working hours in words: "Monday to Friday, 8am to 6pm. Bank holidays and closed days don't count."."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from itertools import groupby

from portal.hours.counting import MINUTES_A_DAY, Hours, Shift
from portal.people.models import Weekday
from portal.ui import words

Span = tuple[int, int]


def in_words(hours: Hours, *, on_closed_days: bool | None = None) -> str:
    """`on_closed_days`: whether those days count, where the hours were not read with them."""
    if not hours.shifts:
        return "Every hour of every day."
    counted = not hours.closed if on_closed_days is None else on_closed_days
    closed = "Bank holidays and closed days count too." if counted else "Bank holidays and closed days don't count."
    return f"{'; '.join(_stretches(hours.shifts))}. {closed}"


def _stretches(shifts: Sequence[Shift]) -> list[str]:
    """Weekdays in a row that have the same hours, together."""
    spans: list[tuple[int, list[Span]]] = [
        (weekday, [(shift.starts, shift.ends) for shift in day])
        for weekday, day in groupby(sorted(shifts), key=lambda shift: shift.weekday)
    ]
    runs = groupby(enumerate(spans), key=lambda numbered: (numbered[1][0] - numbered[0], numbered[1][1]))
    said = []
    for (_, hours), run in runs:
        days = [weekday for _, (weekday, _) in run]
        said.append(f"{_days(days)}, {' and '.join(_span(span) for span in hours)}")
    return said


def _days(days: Sequence[int]) -> str:
    if len(days) == len(Weekday):
        return "Every day"
    first, last = Weekday(days[0]).label, Weekday(days[-1]).label
    return {1: first, 2: f"{first} and {last}"}.get(len(days), f"{first} to {last}")


def _span(span: Span) -> str:
    starts, ends = span
    if starts == ends:
        return f"{_clock(starts)} to {_clock(ends)} the next day" if starts else "all day"
    return f"{_clock(starts)} to {_clock(ends)}{' the next day' if 0 < ends <= starts else ''}"


def _clock(minutes: int) -> str:
    on_the_wall = time(minutes % MINUTES_A_DAY // 60, minutes % 60)
    return words.clock(datetime.combine(datetime.min, on_the_wall))  # noqa: DTZ901 - a time of day, of no day

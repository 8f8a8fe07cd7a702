"""Time counted in working hours. Shifts are told in Europe/London as a clock on the wall shows them; every time in and out is UTC.

A shift that ends at or before its beginning ends the next day. It belongs to the day it begins on: where that day is closed, none of it
counts. On the nights the clocks change it is as long as it really was: an hour shorter in March, an hour longer in October.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """One stretch of one weekday. weekday: Monday is 0. starts, ends: minutes after midnight; it ends the next day unless later."""

    weekday: int
    starts: int
    ends: int

    @property
    def crosses_midnight(self) -> bool:
        return self.ends <= self.starts

    @property
    def minutes(self) -> int:
        """How long it is on a day without a change of the clocks."""
        return self.ends - self.starts + (MINUTES_A_DAY if self.crosses_midnight else 0)


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """What counts: shifts of a week, and days on which none does. Without any shift every hour counts. Two are never equal: one is kept."""

    shifts: tuple[Shift, ...]
    closed: frozenset[date] = frozenset()

    def after(self, start: datetime, minutes: int) -> datetime:
        """The moment when `minutes` of these hours have gone by since `start`: at the end of a shift rather than the start of the next."""
        return _after(self, start, minutes)

    def windows(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """When each shift begins and ends, for ever, from those that begin on `first`."""
        for ahead in count():
            day = first + ahead * DAY
            for shift in sorted(self.shifts) if day not in self.closed else ():
                if shift.weekday == day.weekday():
                    yield instant(day, shift.starts), instant(day + DAY if shift.crosses_midnight else day, shift.ends)


ALWAYS = Hours(())


def instant(day: date, minutes: int) -> datetime:
    """When the clocks first show this time on `day`, in UTC. A time that they skip is the moment they skip it."""
    shown = datetime.combine(day + minutes // MINUTES_A_DAY * DAY, time(minutes % MINUTES_A_DAY // 60, minutes % 60), LONDON)
    at = shown.astimezone(UTC)
    skipped = at.astimezone(LONDON).replace(tzinfo=None) != shown.replace(tzinfo=None)
    return at.replace(minute=0) if skipped else at  # the clocks change on the hour


@lru_cache(maxsize=16_384)
def _after(hours: Hours, start: datetime, minutes: int) -> datetime:
    """A sweep asks for thousands of deadlines, and for few different ones."""
    left, reached = timedelta(minutes=minutes), start.astimezone(UTC)
    if not hours.shifts or not left:
        return reached + left
    for opens, closes in hours.windows(start.astimezone(LONDON).date() - DAY):
        begins = max(opens, reached)  # shifts that overlap count once
        if begins + left <= closes:
            return begins + left
        left -= max(closes - begins, timedelta())
        reached = max(reached, closes)
    raise AssertionError("unreachable")

"""Counting working hours, with nothing else around it: closed days, nights, overlaps, and both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.hours.counting import ALWAYS, LONDON, Hours, Shift, instant

NINE, FIVE, TEN_AT_NIGHT, SIX = 9 * 60, 17 * 60, 22 * 60, 6 * 60
OFFICE = Hours(tuple(Shift(weekday, NINE, FIVE) for weekday in range(5)))
NIGHTS = Hours(tuple(Shift(weekday, TEN_AT_NIGHT, SIX) for weekday in range(7)))
GOOD_FRIDAY, EASTER_MONDAY = date(2026, 4, 3), date(2026, 4, 6)


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[misc, arg-type]


def test_hours_within_a_shift_are_elapsed_hours() -> None:
    assert OFFICE.after(london(2026, 11, 25, 10), 120) == london(2026, 11, 25, 12)


def test_what_is_left_at_the_end_of_a_shift_counts_from_the_start_of_the_next() -> None:
    assert OFFICE.after(london(2026, 11, 25, 16), 120) == london(2026, 11, 26, 10)


def test_a_duty_that_begins_at_night_counts_from_the_morning() -> None:
    assert OFFICE.after(london(2026, 11, 25, 23), 60) == london(2026, 11, 26, 10)


def test_a_deadline_at_the_end_of_a_shift_is_that_evening_and_not_the_next_morning() -> None:
    assert OFFICE.after(london(2026, 11, 25, 9), 8 * 60) == london(2026, 11, 25, 17)


def test_a_weekend_does_not_count() -> None:
    assert OFFICE.after(london(2026, 11, 27, 16), 120) == london(2026, 11, 30, 10)


def test_closed_days_do_not_count() -> None:
    hours = Hours(OFFICE.shifts, frozenset({GOOD_FRIDAY, EASTER_MONDAY}))
    assert hours.after(london(2026, 4, 2, 16), 120) == london(2026, 4, 7, 10)


def test_a_shift_that_crosses_midnight_goes_on_into_the_next_day() -> None:
    assert NIGHTS.after(london(2026, 11, 25, 23), 6 * 60) == london(2026, 11, 26, 5)


def test_a_duty_that_begins_after_midnight_is_in_the_shift_of_the_day_before() -> None:
    assert NIGHTS.after(london(2026, 11, 26, 1), 60) == london(2026, 11, 26, 2)


def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    closed = Hours(NIGHTS.shifts, frozenset({date(2026, 12, 25)}))
    assert closed.after(london(2026, 12, 24, 23), 9 * 60) == london(2026, 12, 27, 0)  # to 6am on the 25th, then from 10pm on the 26th


def test_the_night_the_clocks_go_forward_is_an_hour_shorter() -> None:
    assert NIGHTS.after(london(2026, 3, 28, 22), 7 * 60) == london(2026, 3, 29, 6)
    assert NIGHTS.after(london(2026, 3, 28, 22), 8 * 60) == london(2026, 3, 29, 23)


def test_the_night_the_clocks_go_back_is_an_hour_longer() -> None:
    assert NIGHTS.after(london(2026, 10, 24, 22), 9 * 60) == london(2026, 10, 25, 6)
    assert NIGHTS.after(london(2026, 10, 24, 22), 8 * 60) == london(2026, 10, 25, 5)


@pytest.mark.parametrize(
    ("day", "offset"), [(date(2026, 3, 27), 0), (date(2026, 3, 30), 1), (date(2026, 10, 23), 1), (date(2026, 10, 26), 0)]
)
def test_a_shift_begins_when_the_clock_on_the_wall_says_so_on_either_side_of_a_change(day: date, offset: int) -> None:
    assert instant(day, NINE) == datetime(day.year, day.month, day.day, 9 - offset, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_the_moment_they_skip_it() -> None:
    assert instant(date(2026, 3, 29), 90) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_time_that_the_clocks_show_twice_is_the_first_of_them() -> None:
    assert instant(date(2026, 10, 25), 90) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_two_shifts_that_meet_in_the_hour_that_is_skipped_or_shown_twice_lose_and_double_nothing() -> None:
    halves = Hours((Shift(5, TEN_AT_NIGHT, 90), Shift(6, 90, SIX)))
    for day, hours in ((date(2026, 3, 28), 7), (date(2026, 10, 24), 9)):
        start = datetime(day.year, day.month, day.day, 22, tzinfo=LONDON)
        assert halves.after(start, hours * 60) == instant(day + timedelta(days=1), SIX)


def test_shifts_that_overlap_count_once() -> None:
    early_and_late = Hours((Shift(2, 7 * 60, 15 * 60), Shift(2, 14 * 60, 22 * 60)))
    assert early_and_late.after(london(2026, 11, 25, 7), 15 * 60) == london(2026, 11, 25, 22)


def test_a_shift_that_ends_when_it_begins_is_a_whole_day() -> None:
    always = Hours(tuple(Shift(weekday, 0, 0) for weekday in range(7)))
    start = london(2026, 3, 27, 13)
    assert always.after(start, 5 * 24 * 60) == start.astimezone(UTC) + timedelta(days=5)


def test_without_any_shift_every_hour_counts() -> None:
    start = london(2026, 12, 25, 3)
    assert ALWAYS.after(start, 90) == start + timedelta(minutes=90)


def test_no_minutes_are_over_at_once() -> None:
    assert OFFICE.after(london(2026, 12, 25, 3), 0) == london(2026, 12, 25, 3)


minutes_of_a_day = st.integers(0, 24 * 60 - 1)
weeks = st.lists(st.builds(Shift, st.integers(0, 6), minutes_of_a_day, minutes_of_a_day), min_size=1, max_size=6).map(
    lambda shifts: Hours((*shifts, Shift(2, NINE, FIVE)))
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given beside it


@given(weeks, moments, st.integers(1, 3_000), st.integers(0, 3_000))
def test_more_minutes_never_end_sooner_and_never_sooner_than_elapsed_ones(hours: Hours, start: datetime, fewer: int, more: int) -> None:
    sooner, later = hours.after(start, fewer), hours.after(start, fewer + more)
    assert start + timedelta(minutes=fewer) <= sooner <= later


@given(weeks, moments, st.integers(1, 1_500), st.integers(1, 1_500))
def test_minutes_counted_in_two_parts_end_where_they_end_at_once(hours: Hours, start: datetime, first: int, second: int) -> None:
    assert hours.after(hours.after(start, first), second) == hours.after(start, first + second)


@given(weeks, moments, st.integers(1, 1_500))
def test_the_last_minute_before_a_deadline_is_one_that_counts(hours: Hours, start: datetime, minutes: int) -> None:
    due = hours.after(start, minutes)
    windows = hours.windows(start.astimezone(LONDON).date() - timedelta(days=1))
    assert any(opens < due <= closes for opens, closes in (next(windows) for _ in range(2_000)))

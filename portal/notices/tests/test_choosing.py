"""What a person chose, above the floor: at once, once a day, not at all, quiet hours, and duties that none of it holds."""

from __future__ import annotations

from datetime import UTC, datetime, time
from itertools import combinations, product

import pytest

from portal.hours.counting import ALWAYS, Hours, Shift
from portal.notices.kinds import OTHER, Group, group_of
from portal.notices.models import Outcome, Preference, Quiet, Way, When
from portal.notices.planning import GATHER, MUTE, NOW, TELLS, Plan, Reach, daily_at, plan, quiet_until, tells, ways_to_try

NEWS = Group(code="news", name="News", about="", starts=("news.",), order=1)
DUTIES = Group(code="duties", name="Duties", about="", starts=("duty.",), order=1, always=True)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
NIGHT = Preference(quiet=Quiet.OWN, quiet_from=time(22), quiet_until=time(7), quiet_days=[0, 1, 2, 3, 4])
MIDNIGHT = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
MORNING = datetime(2026, 11, 26, 7, tzinfo=UTC)


def planned(group: Group, chosen: Preference, at: datetime, made_at: datetime | None = None, *, urgent: bool = False) -> Plan:
    return plan(group, chosen, urgent=urgent, made_at=made_at or at, at=at)


def test_who_chose_nothing_is_told_at_once() -> None:
    assert planned(NEWS, Preference(), NOON) == NOW


def test_a_group_can_be_muted() -> None:
    assert planned(NEWS, Preference(groups={"news": When.NEVER}), NOON) == MUTE


def test_duties_cannot_be_muted_or_gathered() -> None:
    for when in (When.NEVER, When.DAILY):
        assert planned(DUTIES, Preference(groups={"duties": when}), NOON) == NOW


def test_a_kind_nobody_registered_is_told_at_once() -> None:
    assert group_of("something.new") == OTHER
    assert planned(OTHER, Preference(groups={"other": When.NEVER}), NOON) == NOW


def test_quiet_hours_hold_what_is_not_urgent_until_they_end() -> None:
    assert planned(NEWS, NIGHT, MIDNIGHT) == Plan(until=MORNING)
    assert planned(DUTIES, NIGHT, MIDNIGHT) == Plan(until=MORNING)
    assert planned(DUTIES, NIGHT, MORNING) == NOW


def test_urgent_notices_break_through_quiet_hours() -> None:
    assert planned(DUTIES, NIGHT, MIDNIGHT, urgent=True) == NOW


def test_quiet_hours_of_friday_reach_into_saturday_and_none_begin_then() -> None:
    assert quiet_until(NIGHT, datetime(2026, 11, 28, 6, tzinfo=UTC)) == datetime(2026, 11, 28, 7, tzinfo=UTC)
    assert quiet_until(NIGHT, datetime(2026, 11, 28, 23, tzinfo=UTC)) is None


def test_quiet_hours_within_a_day() -> None:
    nap = Preference(quiet=Quiet.OWN, quiet_from=time(11), quiet_until=time(13), quiet_days=[2])
    assert quiet_until(nap, NOON) == datetime(2026, 11, 25, 13, tzinfo=UTC)
    assert quiet_until(nap, datetime(2026, 11, 25, 13, tzinfo=UTC)) is None


WEEKDAYS = Hours(tuple(Shift(day, 9 * 60, 17 * 60) for day in range(5)))
NIGHTS = Hours((Shift(2, 22 * 60, 6 * 60),))
BY_SHIFT = Preference(quiet=Quiet.SHIFT)


def off_shift(group: Group, at: datetime, shifts: Hours = WEEKDAYS, made_at: datetime | None = None) -> Plan:
    return plan(group, BY_SHIFT, urgent=False, made_at=made_at or at, at=at, shifts=shifts)


def test_quiet_hours_by_shift_end_when_the_next_shift_begins() -> None:
    friday_evening = datetime(2026, 11, 27, 18, tzinfo=UTC)
    assert off_shift(NEWS, friday_evening) == Plan(until=datetime(2026, 11, 30, 9, tzinfo=UTC))
    assert off_shift(NEWS, NOON) == NOW


def test_a_night_shift_is_no_quiet_time_after_midnight() -> None:
    assert off_shift(NEWS, datetime(2026, 11, 26, 5, tzinfo=UTC), NIGHTS) == NOW
    assert off_shift(NEWS, datetime(2026, 11, 26, 6, tzinfo=UTC), NIGHTS) == Plan(until=datetime(2026, 12, 2, 22, tzinfo=UTC))


def test_a_unit_without_shifts_is_never_off_shift() -> None:
    assert off_shift(NEWS, MIDNIGHT, ALWAYS) == NOW


def test_a_duty_waits_half_a_day_at_most() -> None:
    friday_evening = datetime(2026, 11, 27, 18, tzinfo=UTC)
    saturday = datetime(2026, 11, 28, 6, tzinfo=UTC)
    assert off_shift(DUTIES, friday_evening) == Plan(until=saturday)
    assert off_shift(DUTIES, saturday, made_at=friday_evening) == NOW
    assert plan(DUTIES, BY_SHIFT, urgent=True, made_at=friday_evening, at=friday_evening, shifts=WEEKDAYS) == NOW


def test_a_daily_message_waits_for_its_hour_and_then_gathers() -> None:
    daily = Preference(groups={"news": When.DAILY}, daily_hour=8)
    next_morning = datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert planned(NEWS, daily, NOON) == Plan(until=next_morning)
    assert planned(NEWS, daily, next_morning, NOON) == GATHER


def test_the_daily_hour_is_londons_in_summer_too() -> None:
    assert daily_at(datetime(2026, 7, 1, 12, tzinfo=UTC), 8) == datetime(2026, 7, 2, 7, tzinfo=UTC)


def test_only_chosen_channels_are_used_first() -> None:
    reach = Reach({Way.SMTP: "a", Way.NOTIFY_SMS: "b", Way.PUSH: "c"}, {Way.SMTP})
    assert ways_to_try(reach, always=False, done={}) == [Way.SMTP]
    assert ways_to_try(reach, always=False, done={Way.SMTP: Outcome.TOLD}) == []
    assert ways_to_try(reach, always=False, done={Way.SMTP: Outcome.REFUSED}) == [Way.NOTIFY_SMS]


def test_a_duty_always_takes_a_channel_that_can_tell() -> None:
    reach = Reach({Way.SMTP: "a", Way.PUSH: "c"}, {Way.PUSH})
    assert ways_to_try(reach, always=True, done={}) == [Way.PUSH, Way.SMTP]
    assert ways_to_try(reach, always=False, done={}) == [Way.PUSH]


def test_another_channel_is_used_while_an_address_rests() -> None:
    reach = Reach({Way.SMTP: "a", Way.NOTIFY_SMS: "b"}, {Way.SMTP}, {Way.SMTP})
    assert ways_to_try(reach, always=True, done={}) == [Way.NOTIFY_SMS]
    assert ways_to_try(reach, always=True, done={Way.NOTIFY_SMS: Outcome.REFUSED}) == [Way.SMTP]


SUBSETS = [set(some) for many in range(4) for some in combinations((Way.SMTP, Way.NOTIFY_SMS, Way.PUSH), many)]


def test_nothing_is_given_up_while_a_channel_is_left_and_none_is_tried_twice() -> None:
    for addresses, chosen, resting, refusing in product(SUBSETS, repeat=4):
        for always in (False, True):
            try_all(addresses, chosen, resting, refusing, always)


def try_all(addresses: set[Way], chosen: set[Way], resting: set[Way], refusing: set[Way], always: bool) -> None:
    reach, done = Reach(dict.fromkeys(addresses, "x"), chosen, resting), dict[Way, Outcome]()
    while ways := ways_to_try(reach, always=always, done=done):
        assert not set(ways) & set(done)
        done |= {way: Outcome.REFUSED if way in refusing else Outcome.TAKEN for way in ways}
    taken = [way for way, outcome in done.items() if outcome == Outcome.TAKEN]
    willing = addresses - refusing
    assert bool(taken) == bool(willing)
    if always and willing & set(TELLS):
        assert tells(taken)


@pytest.mark.parametrize("kind", ["duty.passed", "deadline.missed", "duty.overdue"])
def test_the_holders_kinds_are_above_the_floor(kind: str) -> None:
    assert group_of(kind).always


def test_missed_deadlines_are_urgent() -> None:
    assert group_of("deadline.missed").urgent

"""When a notice goes out, and by which channels: what its recipient chose, above a floor that nobody can go below.

Nothing here reads a clock or the database: the same notice, choices and time always give the same answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from portal.hours.counting import ALWAYS, LONDON, Hours
from portal.notices.kinds import Group
from portal.notices.models import Outcome, Preference, Quiet, Way, When

MOST_HELD = timedelta(hours=12)  # a duty waits so long and no longer, whatever hours somebody chose
TELLS = (Way.SMTP, Way.NOTIFY_EMAIL, Way.NOTIFY_SMS)  # a notification in a browser may be seen by nobody


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a notice now: `send`, `gather` into the daily message, `mute` it, or hold it `until` then."""

    send: bool = False
    gather: bool = False
    mute: bool = False
    until: datetime | None = None


NOW, GATHER, MUTE = Plan(send=True), Plan(gather=True), Plan(mute=True)


def plan(group: Group, chosen: Preference, *, urgent: bool, made_at: datetime, at: datetime, shifts: Hours = ALWAYS) -> Plan:
    """What to do at `at` with a notice made at `made_at`. `shifts`: when this person's unit works, for who has quiet hours by them."""
    if urgent:
        return NOW
    when = When.AT_ONCE if group.always else When(chosen.groups.get(group.code, When.AT_ONCE))
    if when == When.NEVER:
        return MUTE
    if when == When.DAILY:
        due = daily_at(made_at, chosen.daily_hour)
        return GATHER if due <= at else Plan(until=due)
    end = off_shift_until(shifts, at) if chosen.quiet == Quiet.SHIFT else quiet_until(chosen, at)
    if end and group.always:
        end = min(end, made_at + MOST_HELD)
    return Plan(until=end) if end and end > at else NOW


def daily_at(after: datetime, hour: int) -> datetime:
    """The first time at or after `after` that it is `hour` o'clock in London."""
    local = after.astimezone(LONDON)
    today = datetime.combine(local.date(), time(hour), LONDON)
    return today if today >= local else datetime.combine(local.date() + timedelta(days=1), time(hour), LONDON)


def quiet_until(chosen: Preference, at: datetime) -> datetime | None:
    """When the quiet hours end that `at` falls into; None outside them."""
    if chosen.quiet != Quiet.OWN or chosen.quiet_from is None or chosen.quiet_until is None:
        return None
    today = at.astimezone(LONDON).date()
    for begun in (today - timedelta(days=1), today):
        start = datetime.combine(begun, chosen.quiet_from, LONDON)
        over_night = chosen.quiet_until <= chosen.quiet_from
        end = datetime.combine(begun + timedelta(days=over_night), chosen.quiet_until, LONDON)
        if begun.weekday() in chosen.quiet_days and start <= at < end:
            return end
    return None


def off_shift_until(shifts: Hours, at: datetime) -> datetime | None:
    """When the next shift begins; None during one, and where there is none."""
    if not shifts.shifts:
        return None
    for opens, closes in shifts.windows(at.astimezone(LONDON).date() - timedelta(days=1)):
        if opens > at:
            return opens
        if at < closes:
            return None
    raise AssertionError("unreachable")


@dataclass(slots=True)
class Reach:
    """How one person can be reached: `addresses` by channel that is on, those they chose, and those `resting` because they refused."""

    addresses: Mapping[Way, str]
    chosen: Collection[Way]
    resting: set[Way] = field(default_factory=set)


def ways_to_try(reach: Reach, *, always: bool, done: Mapping[Way, Outcome]) -> list[Way]:
    """Channels to try next, in order; empty when there is nothing left to try or nothing more to gain. `done`: what came of others."""
    left = [way for way in Way if way in reach.addresses and way not in done]
    fresh = [way for way in left if way not in reach.resting]
    first = [way for way in fresh if way in reach.chosen]
    taken = [way for way, outcome in done.items() if outcome != Outcome.REFUSED]
    if always and not tells([*taken, *first]):
        first += [way for way in fresh if way in TELLS][:1] or [way for way in left if way in TELLS][:1]
    if first or taken:
        return first
    return fresh[:1] or left[:1]


def tells(ways: Sequence[Way]) -> bool:
    """Whether any of them can mean that the person was told."""
    return any(way in TELLS for way in ways)

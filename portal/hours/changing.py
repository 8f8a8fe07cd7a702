"""What administrators change about working hours, told to the record: it decides when a deadline of a later report falls."""

from __future__ import annotations

from portal.hours.models import ClosedDay, Pattern
from portal.people.models import Person
from portal.record.appending import append, person_actor
from portal.record.canonical import Json


def pattern_changed(*, by: Person, pattern: Pattern) -> None:
    """Append the pattern as it stands now: its shifts, and who follows it. Runs inside the transaction that wrote it."""
    stretches = [shift.stretch for shift in pattern.shifts.order_by("weekday", "starts")]
    shifts: list[Json] = [[one.weekday, one.starts, one.ends] for one in stretches]
    followers = pattern.followers.select_related("unit", "post").order_by("pk")
    facts: dict[str, Json] = {
        "default": pattern.is_default,
        "on_closed_days": pattern.on_closed_days,
        "shifts": shifts,
        "units": [follower.unit.code for follower in followers if follower.unit],
        "posts": [follower.post.code for follower in followers if follower.post],
    }
    append(kind="pattern.changed", subject=f"pattern:{pattern.pk}", actor=person_actor(by), facts=facts)


def pattern_removed(*, by: Person, pattern: Pattern) -> None:
    """Called before the pattern goes, inside the same transaction."""
    append(kind="pattern.removed", subject=f"pattern:{pattern.pk}", actor=person_actor(by))


def closed_day_changed(*, by: Person, day: ClosedDay, removed: bool = False) -> None:
    """Say that a day is closed, or that it is not any more."""
    append(
        kind="closed_day.removed" if removed else "closed_day.changed",
        subject=f"closed_day:{day.pk}",
        actor=person_actor(by),
        facts={"day": day.day.isoformat()},
    )

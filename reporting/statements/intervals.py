"""Read a statement of duty from its facts alone: who held the duty from when to when and why, what they did, and what nobody did.

That something did not happen is said only where every fact between is there to be read: a withheld one could be the act.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal.record.models import Fact
from reporting.choices import Deadline, Outcome, Why
from reporting.statements.parts import Piece

PROMPTLY = timedelta(minutes=1)  # after an act, within which its fact is written; candour_verify.py has the same
DONE = {"duty.opened": Deadline.OPEN, "duty.acted": Deadline.ACT}


@dataclass(frozen=True, slots=True)
class Missed:
    """A deadline that passed, and when that was recorded."""

    deadline: Deadline
    due_at: datetime
    fired_at: datetime
    place: int


@dataclass(frozen=True, slots=True)
class Unheard:
    """The reporter was to hear by a time and did not, and when that was recorded."""

    due_at: datetime
    fired_at: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """Proved: the holder did not do what `deadline` asks between two times. `by_deadline`: `end` is the deadline."""

    deadline: Deadline
    start: datetime
    end: datetime
    by_deadline: bool


@dataclass(slots=True)
class Interval:
    """One holder's duty, as far as the facts tell. `holder` and `giver` are keys; what no fact tells is None.

    `place` is that of its `duty.passed` among the pieces, and `done` has the places where it was opened and acted on.
    """

    duty: int
    holder: str
    giver: str
    why: Why
    from_at: datetime
    open_due_at: datetime
    act_due_at: datetime
    place: int
    done: dict[Deadline, tuple[int, datetime]] = field(default_factory=dict)
    until_at: datetime | None = None
    told_at: datetime | None = None
    taken_up_at: datetime | None = None
    aside_at: datetime | None = None
    acted_late_at: datetime | None = None
    disputed_at: datetime | None = None
    late: bool = False
    outcome: Outcome | None = None
    missed: list[Missed] = field(default_factory=list)
    unheard: list[Unheard] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    is_told: bool = True  # whether the facts tell how long it lasted: until `until_at`, or where that is None to the end of them

    def done_at(self, deadline: Deadline) -> datetime | None:
        return self.done[deadline][1] if deadline in self.done else None

    def due_at(self, deadline: Deadline) -> datetime:
        return next((one.due_at for one in self.missed if one.deadline == deadline), self._due(deadline))

    def _due(self, deadline: Deadline) -> datetime:
        return self.open_due_at if deadline == Deadline.OPEN else self.act_due_at


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement as read. `until`: up to when its facts tell; `withheld`: how many of them can't be read."""

    intervals: list[Interval]
    until: datetime
    withheld: int


def read(pieces: Sequence[Piece], *, until: datetime, is_cut: bool = False) -> Reading:
    """Read the pieces in their order. `until`: the time of the last of them or, before a statement is made, now. `is_cut`: more followed
    that is not among them."""
    intervals = dict[int, Interval]()
    for place, piece in enumerate(pieces):
        if not piece.withheld:
            _take(intervals, place, piece.fact)
    gaps = [place for place, piece in enumerate(pieces) if piece.withheld]
    for interval in intervals.values():
        interval.is_told = interval.until_at is not None or not (is_cut or _any_between(gaps, interval.place, len(pieces)))
        interval.absences = list(_absences(interval, gaps, len(pieces), until))
    return Reading(list(intervals.values()), until, len(gaps))


def _take(intervals: dict[int, Interval], place: int, fact: Fact) -> None:
    data, present = fact.data, next(reversed(intervals.values()), None)
    if fact.kind == "duty.passed":
        if present is not None and present.until_at is None:
            present.until_at = _at(data, "from_at")
        intervals[data["duty"]] = _begun(place, fact.actor, data)
    elif (interval := intervals.get(data.get("duty", 0))) is not None:
        _happened(interval, place, fact, data)


def _begun(place: int, giver: str, data: dict[str, Any]) -> Interval:
    return Interval(
        duty=data["duty"],
        holder=data["holder"],
        giver=giver,
        why=Why(data["why"]),
        from_at=_at(data, "from_at"),
        open_due_at=_at(data, "open_due_at"),
        act_due_at=_at(data, "act_due_at"),
        place=place,
    )


def _happened(interval: Interval, place: int, fact: Fact, data: dict[str, Any]) -> None:
    kind = fact.kind
    if kind == "duty.told":
        interval.told_at = _done_at(fact, "told_at")
    elif kind == "duty.opened":
        interval.done[Deadline.OPEN] = (place, _done_at(fact, "opened_at"))
    elif kind == "duty.taken_up":
        interval.taken_up_at = _done_at(fact, "taken_up_at")
    elif kind == "duty.acted":
        interval.done[Deadline.ACT] = (place, _done_at(fact, "acted_at"))
        interval.until_at, interval.late, interval.outcome = _done_at(fact, "acted_at"), data["late"], Outcome(data["outcome"])
    elif kind == "duty.acted_late":
        interval.acted_late_at, interval.outcome = _done_at(fact, "acted_at"), Outcome(data["outcome"])
    elif kind == "duty.stepped_aside":
        interval.aside_at = fact.at
    elif kind == "report.erased":
        interval.until_at = fact.at
    elif kind == "deadline.missed":
        interval.missed.append(Missed(Deadline(data["deadline"]), _at(data, "due_at"), _at(data, "fired_at"), place))
    else:
        _heard(interval, fact, data)


def _heard(interval: Interval, fact: Fact, data: dict[str, Any]) -> None:
    """What the reporter did not hear in time, and what they said of an act."""
    if fact.kind == "promise.missed":
        interval.unheard.append(Unheard(_at(data, "due_at"), _at(data, "fired_at")))
    elif fact.kind == "closure.disputed":
        interval.disputed_at = _done_at(fact, "disputed_at")


def _absences(interval: Interval, gaps: Sequence[int], end: int, until: datetime) -> Iterator[Absence]:
    """Up to the deadline where it passed first, and up to the end of the statement where the duty still is with them."""
    for deadline in Deadline:
        done, done_at = interval.done.get(deadline, (end, None))
        due_at = interval.due_at(deadline)
        recorded = [one.place for one in interval.missed if one.deadline == deadline]
        place = min([done, *recorded])
        passed = bool(recorded) or (done_at is not None and done_at >= due_at)
        if passed and not _any_between(gaps, interval.place, place):
            yield Absence(deadline, interval.from_at, due_at, by_deadline=True)
        if done_at is None and interval.until_at is None and interval.is_told:
            yield Absence(deadline, interval.from_at, until, by_deadline=False)


def _any_between(gaps: Sequence[int], start: int, end: int) -> bool:
    return any(start < gap < end for gap in gaps)


def _done_at(fact: Fact, name: str) -> datetime:
    """When a fact says that it was done; when it was written, if the two are more than a minute apart: no act can be dated back."""
    said = _at(fact.data, name)
    return said if timedelta(0) <= fact.at - said <= PROMPTLY else fact.at


def _at(data: dict[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(data[name])

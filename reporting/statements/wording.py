"""A statement of duty in words, for its page and its paper: why the duty came to somebody, what they did, and what the facts prove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import capfirst

from portal.ui import words
from reporting.choices import Deadline, Why
from reporting.statements.intervals import Absence, Interval, Reading, Unheard

TO_DO = {Deadline.OPEN: "open the report", Deadline.ACT: "act"}
LIMITS = (
    "That something was never said or done outside the portal: what nobody recorded, no fact shows.",
    "That a notice was read: told means that it was delivered.",
    "What the people are called: names are the portal's word, signed with its key. The facts hold keys.",
)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, to be read before its time, and perhaps what it was, to be read after."""

    text: str
    at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the statement: who, from when to when, because of what, and what they did. `until` is None while they hold it,
    which `open` says, and where it is not told. `brief`: both are said in the same words."""

    holder: str
    start: datetime
    until: datetime | None
    because: str
    events: list[Happening]
    open: bool
    brief: bool


@dataclass(frozen=True, slots=True)
class Voice:
    """How people are called, and how times are said."""

    names: Mapping[str, str]
    moment: Callable[[datetime], str] = words.moment

    def name(self, key: str) -> str:
        """The name, or where a statement names nobody, the key."""
        return self.names.get(key, key)

    def rows(self, reading: Reading) -> list[Row]:
        befores = [None, *reading.intervals[:-1]]
        return [self._row(one, before) for one, before in zip(reading.intervals, befores, strict=True)] if reading.intervals else []

    def proved(self, reading: Reading) -> list[str]:
        """What the facts prove, one sentence each: who held the duty, what they did and did not do."""
        sentences = list[str]()
        for interval in reading.intervals:
            sentences.append(self._held(interval, reading.until))
            sentences += self._did(interval)
            sentences += [f"The reporter disputed what was done at {self.moment(interval.disputed_at)}."] if interval.disputed_at else []
            sentences += [self._unheard(one) for one in interval.unheard]
            sentences += [self._absent(interval, absence) for absence in interval.absences]
        return sentences

    def not_proved(self, reading: Reading) -> list[str]:
        after = f"Anything after {self.moment(reading.until)}."
        if not reading.withheld:
            return [*LIMITS, after]
        facts = "1 fact is" if reading.withheld == 1 else f"{reading.withheld} facts are"
        return [*LIMITS, f"That nothing happened where facts are withheld. Here {facts}: only the place and the hash are given.", after]

    def _row(self, interval: Interval, before: Interval | None) -> Row:
        holder = first_up(self.name(interval.holder))
        is_open = interval.until_at is None and interval.is_told
        brief = interval.until_at is not None and self.moment(interval.from_at) == self.moment(interval.until_at)
        return Row(holder, interval.from_at, interval.until_at, self.because(interval, before), events(interval), is_open, brief)

    def because(self, interval: Interval, before: Interval | None) -> str:
        """Why the duty came to its holder, as it follows the word "because"."""
        last = self.name(before.holder) if before else "the holder before"
        due = {one.deadline: f" by {self.moment(one.due_at)}" for one in before.missed} if before else {}
        giver = self.name(interval.giver)
        return {
            Why.SENT: "the report was sent",
            Why.OPEN_MISSED: f"{last} did not open it{due.get(Deadline.OPEN, ' in time')}",
            Why.ACT_MISSED: f"{last} did not act{due.get(Deadline.ACT, ' in time')}",
            Why.PASSED: f"{giver} passed it on",
            Why.STEPPED_ASIDE: f"{last} stepped aside",
            Why.MOVED: "professional standards moved it",
            Why.REFERRED: f"{giver} referred it to professional standards",
            Why.LEFT: f"{last} left the force",
            Why.REOPENED: "professional standards reopened the report",
            Why.DISPUTED: "the reporter disputed what was done",
            Why.TRANSFERRED: f"{last} moved to another unit",
        }[interval.why]

    def _held(self, interval: Interval, end: datetime) -> str:
        who, start = self.name(interval.holder), self.moment(interval.from_at)
        if not interval.is_told:
            return f"The duty to act passed to {who} at {start}."
        until = self.moment(interval.until_at or end)
        if until == start:
            how_long = "for less than a minute" if interval.until_at else "the minute of this statement"
            return f"{first_up(who)} held the duty to act at {start}, {how_long}."
        return f"{first_up(who)} held the duty to act from {start} {'until' if interval.until_at else 'and still held it at'} {until}."

    def _did(self, interval: Interval) -> list[str]:
        done = [
            ("was told", interval.told_at),
            ("opened the report", interval.done_at(Deadline.OPEN)),
            ("took it up", interval.taken_up_at),
        ]
        done += [("acted", interval.done_at(Deadline.ACT)), ("acted, late,", interval.acted_late_at)]
        said = [f"{text} at {self.moment(at)}" for text, at in done if at is not None]
        listed = " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
        return [f"{first_up(self.name(interval.holder))} {listed}."] if said else []

    def _unheard(self, one: Unheard) -> str:
        return f"The reporter was to hear by {self.moment(one.due_at)} and did not. That was recorded at {self.moment(one.fired_at)}."

    def _absent(self, interval: Interval, absence: Absence) -> str:
        ending = "when the deadline passed" if absence.by_deadline else "the end of this statement"
        who, start, end = first_up(self.name(interval.holder)), self.moment(absence.start), self.moment(absence.end)
        when = f"within the minute of {start}" if start == end else f"between {start} and {end}"
        return f"{who} did not {TO_DO[absence.deadline]} {when}, {ending}."


def events(interval: Interval) -> list[Happening]:
    """What happened in the interval: told, opened, taken up, missed, acted."""
    outcome = interval.outcome.label if interval.outcome else ""
    listed = [
        ("Told", interval.told_at, ""),
        ("Opened", interval.done_at(Deadline.OPEN), ""),
        ("Taken up", interval.taken_up_at, ""),
        *((f"Lapsed: did not {TO_DO[one.deadline]} by", one.due_at, "") for one in interval.missed),
        *(("The reporter did not hear by", one.due_at, "") for one in interval.unheard),
        ("Stepped aside", interval.aside_at, ""),
        ("Acted late" if interval.late else "Acted", interval.done_at(Deadline.ACT), outcome),
        ("Acted late, after the duty had passed on,", interval.acted_late_at, outcome),
        ("The reporter disputed it", interval.disputed_at, ""),
    ]
    return [Happening(text, at, detail) for text, at, detail in listed if at is not None]


def first_up(text: str) -> str:
    """A sentence's beginning. A key is left as it is spelled."""
    return text if ":" in text else capfirst(text)

"""Foresee: who would hold a report's duty if it were sent now, who after them, and when it would move if nobody opened it.

Each is looked up as of the moment the duty would come to them, with the absences that are known now.
"""

from __future__ import annotations

import uuid
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from portal.hours.wording import in_words
from portal.people.models import Person
from reporting.escalation.ladder import Rung
from reporting.escalation.routing import Directory, Found, above, climb


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One holder in turn. `begins`: when the duty comes to them, at the earliest; the deadlines are those they would have then."""

    found: Found
    rung: Rung
    begins: datetime
    open_due_at: datetime
    act_due_at: datetime

    @property
    def hours_in_words(self) -> str:
        """The working hours that count; empty where every minute does."""
        return in_words(self.rung.calendar.hours(self.found.follower)) if self.rung.calendar else ""


def foresee(*, reporter: Person, rungs: list[Rung], excluded: AbstractSet[uuid.UUID], at: datetime) -> list[Foreseen]:
    """From the holder at `at` to the post at the top. `rungs`: the ladder, or its last level alone where the line is left out."""
    directory = Directory.read([] if rungs[0].is_last else [reporter.pk], at)
    found, held, left = list[Foreseen](), set[uuid.UUID](), rungs
    while not found or found[-1].found.person is not None:
        if found:
            at, left = found[-1].open_due_at, above(rungs, found[-1].rung.level)
            directory = Directory.of(directory.lines, at) if not left[0].is_last else directory
        one = climb(directory, reporter_id=reporter.pk, rungs=left, excluded=excluded, held=held)
        rung = next(rung for rung in rungs if rung.level == one.level)
        found.append(Foreseen(one, rung, at, *rung.deadlines(at, one.follower)))
        held |= {one.person.pk} if one.person else set()
    return found

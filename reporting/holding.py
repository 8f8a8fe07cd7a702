"""What every act of a holder begins with: lock the report, read the time, let a deadline that passed fire first, see who holds the duty.

    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        if turn.is_theirs:
            …change, append, put…
    turn.must_be_theirs()

The refusal comes after the transaction, so that a lapse found on the way is kept.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.people.models import Person
from portal.record.appending import now
from portal.ui import words
from portal.vault.sealing import Erased
from reporting import duty as duties
from reporting.choices import DutyState, Why
from reporting.escalation import lapsing
from reporting.models import Duty, Handling, Report


class NotYours(Exception):
    """This person never held the duty, or must not know of the report: for them it does not exist."""


class NotHolding(Exception):
    """The duty has gone on or has ended; the text says where it is."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A person at work on a report they hold or held. `duty` is the open duty, None where the report is closed. `at` is database time."""

    person: Person
    report: Report
    duty: Duty | None
    at: datetime

    @property
    def is_theirs(self) -> bool:
        return self.duty is not None and holds(self.person, self.duty)

    @property
    def held(self) -> Duty:
        """The open duty, which is theirs."""
        if self.duty is None:
            raise NotHolding(gone(self))
        return self.duty

    def must_be_theirs(self) -> None:
        """Raise NotHolding, in words, unless the duty was theirs."""
        if not self.is_theirs:
            raise NotHolding(gone(self))


def fire_before(person: Person, report_id: uuid.UUID) -> None:
    """For a verb that may refuse whoever holds the duty: before its transaction, so that the refusal undoes no lapse."""
    lapsing.fire_before(Report.objects.held_by(person).filter(pk=report_id))


def take_turn(*, person: Person, report_id: uuid.UUID) -> Turn:
    """Lock and look. Raises NotYours for somebody who never held the duty and for everyone excluded, and Erased."""
    report, duty = duties.lock(report_id)
    if report.is_erased:
        raise Erased(report.reference)
    at = now()
    turn = Turn(person, report, lapsing.fire_first(duty, at=at) if duty else None, at)
    if person.pk in duties.excluded_from(report) or not (turn.is_theirs or has_held(person, report)):
        raise NotYours
    return turn


def why_gone(*, person: Person, report_id: uuid.UUID) -> str:
    """Where the duty went, in words; empty where this person holds it. Raises as `take_turn`."""
    with transaction.atomic():
        turn = take_turn(person=person, report_id=report_id)
    return "" if turn.is_theirs else gone(turn)


def holds(person: Person, duty: Duty) -> bool:
    """Whether this person is the holder, or staffs the post that is. Says nothing of exclusions."""
    if duty.post_id is not None:
        return person.posts.filter(pk=duty.post_id).exists()
    return duty.holder_id == person.pk


def had(person: Person, duty: Duty) -> bool:
    """Whether this person holds the duty, or did until it ended."""
    return Duty.objects.filter(pk=duty.pk).ever_held_by(person).exists()


def has_held(person: Person, report: Report) -> bool:
    return Duty.objects.filter(report=report).ever_held_by(person).exists()


def handled(person: Person, duty: Duty) -> None:
    """Keep, in the caller's transaction, that it was this member of a post who did something about the post's duty."""
    if duty.post_id is not None:
        Handling.objects.bulk_create([Handling(duty=duty, person=person)], ignore_conflicts=True)


def gone(turn: Turn) -> str:
    """Where the duty went, for somebody who came too late. What they typed is kept by the page."""
    if turn.duty is None:
        return _closed(turn)
    holder, since = duties.holder_name(turn.duty), words.moment(turn.duty.from_at)
    because = "" if turn.duty.why == Why.SENT else f" because {Why(turn.duty.why).label}"
    return f"The duty passed to {holder} at {since}{because}. Nothing was changed."


def _closed(turn: Turn) -> str:
    last = turn.report.duties.filter(state=DutyState.ACTED).select_related("decision__decided_by__unit").latest("seq")
    by, at = last.decision.decided_by, words.moment(last.acted_at)
    said = "You recorded what you did" if by == turn.person else f"{by.name_and_unit} recorded what they did"
    return f"{said} at {at}. Nothing was changed."

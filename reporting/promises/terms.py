"""What a reporter is promised, as it is frozen with their report: read once when it is sent, kept with every promise made to them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from portal.hours import calendars
from portal.hours.calendars import Calendar
from portal.people.models import Person
from portal.postgres.base import one
from portal.record.appending import append, person_actor
from portal.record.canonical import Json
from reporting.choices import Counting
from reporting.models import Promise, PromiseTerms, Report

IN_FORCE = "SELECT hours_to_hear, days_to_dispute, counting FROM reporting_promiseterms WHERE urgent = %s"
NOTHING_SET = 672, 28, Counting.ELAPSED  # hours, days: where an administrator's rows are missing altogether

MINUTES = 60


@dataclass(frozen=True, slots=True)
class Frozen:
    """hours: within which the reporter hears. days: after a closure, within which they may dispute it.

    calendar: the digest of the calendar whose usual working hours count, as a ladder has it; empty where every hour does.
    """

    hours: int
    days: int
    calendar: str = ""

    def due(self, start: datetime) -> datetime:
        """By when a reporter hears who was written to, or sent their report, at `start`."""
        if not self.calendar:
            return start + timedelta(hours=self.hours)
        return calendars.kept(self.calendar).default.after(start, self.hours * MINUTES)

    def kept(self) -> dict[str, Any]:
        return asdict(self)


def in_force(*, urgent: bool) -> Frozen:
    """The terms for a report sent now, to be shown; `freeze` is for what is promised."""
    return _in_force(urgent)[0]


def freeze(*, urgent: bool) -> Frozen:
    """The terms for a report sent now, and the calendar they count by kept with them."""
    frozen, calendar = _in_force(urgent)
    if calendar is not None:
        calendars.keep(calendar)
    return frozen


def of(report: Report) -> Frozen:
    """The terms a report was sent under. One that was sent before there were promises has those in force."""
    first = Promise.objects.filter(report=report).order_by("seq").first()
    return frozen(first) if first else in_force(urgent=report.at_risk_now)


def frozen(promise: Promise) -> Frozen:
    return Frozen(**promise.terms)


def _in_force(urgent: bool) -> tuple[Frozen, Calendar | None]:
    hours, days, counting = one(IN_FORCE, [urgent]) or NOTHING_SET
    if counting != Counting.WORKING:
        return Frozen(hours, days), None
    calendar = calendars.in_force()
    return Frozen(hours, days, calendar.digest), calendar


@transaction.atomic
def changed(*, by: Person, terms: PromiseTerms) -> None:
    """Append the terms as they stand now."""
    facts: dict[str, Json] = {
        "urgent": terms.urgent,
        "hours_to_hear": terms.hours_to_hear,
        "counting": str(terms.counting),
        "days_to_dispute": terms.days_to_dispute,
    }
    noun = "urgent" if terms.urgent else "usual"
    append(kind="promise_terms.changed", subject=f"promise_terms:{noun}", actor=person_actor(by), facts=facts)

"""Professional standards look at any report they are not excluded from, and work on it; every look is a fact."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.people.models import Person, Role
from portal.record.appending import now
from portal.vault.sealing import Erased
from reporting import duty as duties
from reporting import holding, opening
from reporting.consulting import consult
from reporting.escalation import lapsing
from reporting.holding import NotYours
from reporting.models import Duty, Report


@dataclass(frozen=True, slots=True)
class Locked:
    """A report that somebody in professional standards has locked, with its open duty, at one reading of the database's clock."""

    person: Person
    report: Report
    duty: Duty | None
    at: datetime


def look(*, person: Person, report_id: uuid.UUID) -> None:
    """Record that this person consulted the report. Where their desk holds the duty, looking opens it. Raises Report.DoesNotExist."""
    with transaction.atomic():
        report = Report.objects.known_to(person).get(pk=report_id)
        duty = Duty.objects.filter(report=report).open().first()
        if duty is not None and holding.holds(person, duty):
            opening.open_duty(person=person, report_id=report_id, why="standards")
        else:
            consult(person=person, report=report, why="standards")


@contextmanager
def at_work(person: Person, *report_ids: uuid.UUID) -> Iterator[None]:
    """The transaction of a verb that may refuse, on reports it locks with `lock`. A deadline that passed has fired before it, in a
    transaction of its own, where this person may know of the report."""
    lapsing.fire_before(Report.objects.all().overseen_by(person).filter(pk__in=report_ids))
    with transaction.atomic():
        yield


def lock(person: Person, report_id: uuid.UUID) -> Locked:
    """What every change by professional standards begins with, in its transaction: lock the report, read the time, let a deadline fire.

    Raises holding.NotYours for whoever is not in professional standards or must not know of the report, and Erased.
    """
    try:
        report, duty = duties.lock(report_id)
    except Report.DoesNotExist:
        raise NotYours from None
    if not may_oversee(person, report):
        raise NotYours
    if report.is_erased:
        raise Erased(report.reference)
    at = now()
    return Locked(person, report, lapsing.fire_first(duty, at=at) if duty else None, at)


def may_oversee(person: Person, report: Report) -> bool:
    """In professional standards, and neither the reporter nor excluded."""
    return person.is_active and person.has_role(Role.PROFESSIONAL_STANDARDS) and person.pk not in duties.excluded_from(report)

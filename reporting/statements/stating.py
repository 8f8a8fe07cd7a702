"""State: make a statement of duty for the reporter, a holder or professional standards, and keep that it was made.

`statement.given` ends the report's chain at that moment. It stands in everybody's later statements, so it names nobody: who took which
statement is `statement.taken`, on the chain of who looked (docs/decisions/0014). A statement moves no duty;
a deadline or a promise that passed fires first, as on every page that says who holds one (0020).
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from portal.people.models import Person, Role
from portal.record.appending import append, now, person_actor, process_actor
from portal.record.models import Fact
from reporting import duty as duties
from reporting.escalation import lapsing
from reporting.holding import NotYours
from reporting.models import Report
from reporting.promises import breaking
from reporting.statements import parts
from reporting.statements.parts import Party

GIVEN, TAKEN = "statement.given", "statement.taken"
STATEMENTS = process_actor("statements")
AGAIN_AFTER = timedelta(minutes=1)


def give_statement(*, person: Person, report_id: uuid.UUID, as_: Party) -> Fact:
    """Append `statement.given` and return it: the statement is everything up to it that `parts.part` allows them.

    Within a minute, and while nothing else was recorded about the report, the last statement this person took is returned instead.
    Raises holding.NotYours where they may not have one.
    """
    with transaction.atomic():
        report = _lock(person, report_id, as_)
        return _last(person, report, as_) or _give(person, report, as_)


def statement_taken(*, person: Person, report: Report, as_: Party, seq: int) -> Fact:
    """The `statement.given` with this number that was made for this person. Raises holding.NotYours for any other."""
    if not any(fact.data == {"for": as_.value, "statement": seq} for fact in _taken(person, report)):
        raise NotYours
    return Fact.objects.for_subject(report.subject).of_kind(GIVEN).get(subject_seq=seq)


def statements_of(*, person: Person, report: Report, as_: Party) -> list[Fact]:
    """Every statement this person took in this part, the newest first."""
    numbers = [fact.data["statement"] for fact in _taken(person, report) if fact.data["for"] == as_.value]
    return list(Fact.objects.for_subject(report.subject).filter(subject_seq__in=numbers).order_by("-subject_seq"))


def open_to(person: Person, as_: Party) -> QuerySet[Report]:
    """Reports that this person may have a statement of in this part; those they are excluded from are in none."""
    if as_ is Party.REPORTER:
        return Report.objects.for_reporter(person)
    if as_ is Party.HOLDER:
        return Report.objects.had_by(person)
    return Report.objects.overseen_by(person) if person.has_role(Role.PROFESSIONAL_STANDARDS) else Report.objects.none()


def _lock(person: Person, report_id: uuid.UUID, as_: Party) -> Report:
    try:
        report, duty = duties.lock(report_id)
    except Report.DoesNotExist:
        raise NotYours from None
    if not open_to(person, as_).filter(pk=report.pk).exists():
        raise NotYours
    at = now()
    if duty is not None:  # with every clock gone, a statement must not say that who missed a deadline still holds the duty
        lapsing.fire_first(duty, at=at)
    breaking.break_first(report, at=at)
    return report


def _last(person: Person, report: Report, as_: Party) -> Fact | None:
    recent = [fact for fact in _taken(person, report).filter(at__gt=Now() - AGAIN_AFTER) if fact.data["for"] == as_.value]
    if not recent:
        return None
    later = list(Fact.objects.for_subject(report.subject).filter(subject_seq__gte=recent[-1].data["statement"]))
    return later[0] if all(fact.kind == GIVEN for fact in later) else None


def _give(person: Person, report: Report, as_: Party) -> Fact:
    parts.part(as_, person, report, parts.facts_of(report))  # raises where there is no part to give
    given = append(kind=GIVEN, subject=report.subject, actor=STATEMENTS)
    taken = {"for": as_.value, "statement": given.subject_seq}
    append(kind=TAKEN, subject=report.consultations, actor=person_actor(person), facts=taken)
    return given


def _taken(person: Person, report: Report) -> QuerySet[Fact]:
    return Fact.objects.for_subject(report.consultations).of_kind(TAKEN).filter(actor=person_actor(person))

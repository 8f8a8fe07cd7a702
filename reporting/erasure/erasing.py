"""Erase: two people in professional standards destroy what a report says, under a retention rule or a lawful order.

One asks, with a reason; another reads the reason, types the report's reference and erases. What goes: the key of the report's container
with every sealed value, salt and file in it (the words, answers, files, previews, names of files, questions and answers, reasons, reasons
for looking, notes, words about findings and links, what nobody recorded yet, and papers sealed there), the rows of its files, what says
which group it was of, and who was excluded from it, which is an accusation.

What stays: the facts, which hold keys, times, states, categories and hashes that say nothing without their salts; the rows of the report,
its duties, lapses, outcomes, messages, notes, findings and links, which hold the same; notices, which hold its reference and officers'
names; and the reason for the erasure, sealed in a container of its own. Receipts, the chain and the tree verify as before. See
docs/threat-model.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Role
from portal.postgres.base import rows
from portal.record.appending import append, append_all, person_actor
from portal.record.canonical import Json, iso
from portal.vault import sealing
from reporting import duty as duties
from reporting.choices import DutyState, ErasureState, Excluded, Ground, ReportState
from reporting.counting import reckoning
from reporting.desk.overseeing import Locked, lock, may_oversee
from reporting.drafts.references import tidy
from reporting.holding import NotYours
from reporting.models import Duty, Erasure, NameOpening, Report
from reporting.promises import promising

YEARS_BEFORE = "SELECT coalesce(%s::timestamptz, clock_timestamp()) - make_interval(years => %s::integer)"


class CannotErase(Exception):
    """It cannot be done as asked; the text says why."""


def ask_to_erase(*, person: Person, report_id: uuid.UUID, ground: Ground, reason: str) -> Erasure:
    """Ask for an erasure, which a second person decides.

    Raises holding.NotYours for whoever is not in professional standards or must not know of the report, Erased, and CannotErase where
    the ground does not hold or somebody has asked already.
    """
    with transaction.atomic():
        locked = lock(person, report_id)
        _must_hold(ground, locked)
        if locked.report.erasures.waiting().exists():
            raise CannotErase("Somebody has already asked to erase this report. A second person decides.")
        container = sealing.open_container(purpose="erasure")
        erasure = Erasure(report=locked.report, ground=ground, container=container, asked_by=person, asked_at=locked.at)
        erasure.save(force_insert=True)
        sealed = sealing.seal(container=container, values={f"erasure-{erasure.pk}": reason})
        _tell(erasure, person, "erasure.asked", {"ground": str(ground.value)}, sealed)
        put_all(_asked_notices(erasure))
        return erasure


def withdraw(*, person: Person, erasure_id: uuid.UUID) -> Erasure:
    """Take back one's own request. Raises holding.NotYours, Erased, and CannotErase where it was decided or withdrawn already."""
    with transaction.atomic():
        locked, erasure = _lock_request(person, erasure_id)
        if erasure.asked_by_id != person.pk:
            raise CannotErase("Only the person who asked can withdraw the request. You can refuse it.")
        _close(erasure, ErasureState.WITHDRAWN, None, locked.at)
        _tell(erasure, person, "erasure.withdrawn", {}, {})
        return erasure


def refuse(*, person: Person, erasure_id: uuid.UUID, reason: str) -> Erasure:
    """Refuse somebody else's request. Raises holding.NotYours, Erased, and CannotErase for one's own or where it was decided already."""
    with transaction.atomic():
        locked, erasure = _lock_request(person, erasure_id)
        _must_be_another(person, erasure)
        _close(erasure, ErasureState.REFUSED, person, locked.at)
        sealed = sealing.seal(container=erasure.container, values={f"refusal-{erasure.pk}": reason})
        _tell(erasure, person, "erasure.refused", {"asked_by": person_actor(erasure.asked_by)}, sealed)
        put_all([_answer(erasure, f"Your request to erase report {erasure.report.reference} was refused")])
        return erasure


def erase(*, person: Person, erasure_id: uuid.UUID, reference: str) -> Erasure:
    """Destroy what the report says, as a second person, who has typed its `reference`. What is destroyed cannot be brought back.

    Raises holding.NotYours, Erased, and CannotErase for one's own request, another reference, or where the ground does not hold any more
    or whoever asked is not in professional standards any more or must not know of the report by now.
    """
    with transaction.atomic():
        locked, erasure = _lock_request(person, erasure_id)
        _must_be_another(person, erasure)
        if not may_oversee(erasure.asked_by, locked.report):  # else one person alone would erase it
            raise CannotErase("Whoever asked for this can’t see this report any more. Refuse it, and ask for it yourself.")
        if tidy(reference) != locked.report.reference:
            raise CannotErase("Enter the reference of this report, as it stands at the top of the page.")
        _must_hold(Ground(erasure.ground), locked)
        unheard = promising.let_go(locked.report, at=locked.at)
        told = [*unheard.notices, *end_duty(locked.report, locked.duty, locked.at)]
        append_all(unheard.missed)
        destroy(locked.report)
        _close(erasure, ErasureState.DONE, person, locked.at)
        _tell(erasure, person, "report.erased", _erased_facts(erasure, locked), _commitment_of_reason(erasure))
        answer = _answer(erasure, f"The content of report {locked.report.reference} was erased, as you asked")
        put_all([_reporters(erasure), answer, *told])
        return erasure


def could_decide(asked: Erasure | NameOpening) -> QuerySet[Person]:
    """Everybody who may be the second person."""
    hidden = duties.excluded_from(asked.report) | {asked.asked_by_id}
    standards: QuerySet[Person] = Person.objects.active().filter(groups__name=Role.PROFESSIONAL_STANDARDS).exclude(pk__in=hidden)
    return standards.order_by("pk")


def retention_cutoff(at: datetime | None = None) -> datetime:
    """Reports closed before this moment have passed their retention date at `at`, or now, by the database's clock."""
    ((cutoff,),) = rows(YEARS_BEFORE, [at, settings.RETENTION_YEARS])
    read: datetime = cutoff
    return read


def reason_of(erasure: Erasure) -> str:
    """Why it was asked for."""
    name = f"erasure-{erasure.pk}"
    return sealing.read_text(erasure.container, name)[name]


def _lock_request(person: Person, erasure_id: uuid.UUID) -> tuple[Locked, Erasure]:
    """The report first, then the request, which nobody changes without the report."""
    report_id = Erasure.objects.filter(pk=erasure_id).values_list("report", flat=True).first()
    if report_id is None:
        raise NotYours
    locked = lock(person, report_id)
    erasure = Erasure.objects.select_for_update(no_key=True, of=("self",)).select_related("asked_by__unit").get(pk=erasure_id)
    erasure.report = locked.report
    if erasure.state != ErasureState.ASKED:
        raise CannotErase(f"This request was {ErasureState(erasure.state).label.lower()} already.")
    return locked, erasure


def _must_hold(ground: Ground, locked: Locked) -> None:
    if ground != Ground.RETENTION:
        return
    if locked.duty is not None:
        raise CannotErase("Somebody still holds the duty to act on this report. It can be erased under a lawful order only.")
    if not Report.objects.closed_before(retention_cutoff(locked.at)).filter(pk=locked.report.pk).exists():
        raise CannotErase(f"This report was not closed {settings.RETENTION_YEARS} years ago. It can be erased under a lawful order only.")


def _must_be_another(person: Person, erasure: Erasure) -> None:
    if erasure.asked_by_id == person.pk:
        raise CannotErase("You asked for this, so somebody else in professional standards decides.")


def _close(erasure: Erasure, state: ErasureState, by: Person | None, at: datetime) -> None:
    erasure.state, erasure.decided_by, erasure.decided_at = state, by, at
    erasure.save(update_fields=["state", "decided_by", "decided_at"])


def _tell(erasure: Erasure, person: Person, kind: str, facts: dict[str, Json], sealed: Mapping[str, str]) -> None:
    given: dict[str, Json] = {"erasure": str(erasure.pk), **facts}
    report = erasure.report  # only what was done stands on the report's own chain: a request must not cost its reporter a proof
    append(
        kind=kind,
        subject=report.subject if kind == "report.erased" else report.consultations,
        actor=person_actor(person),
        facts=given,
        sealed=sealed,
    )


def _erased_facts(erasure: Erasure, locked: Locked) -> dict[str, Json]:
    """`duty`: the duty that ended with the report, where one was open."""
    facts: dict[str, Json] = {
        "ground": str(erasure.ground),
        "asked_by": person_actor(erasure.asked_by),
        "approved_by": person_actor(locked.person),
        "erased_at": iso(locked.at),
    }
    return facts | ({"duty": locked.duty.pk} if locked.duty else {})


def _commitment_of_reason(erasure: Erasure) -> dict[str, str]:
    """The same commitment as when it was asked: this fact is by whoever read that reason."""
    name = f"erasure-{erasure.pk}"
    reason = sealing.open_all(erasure.container, name)[name]
    return {name: sealing.commitment(reason.salt, reason.value)}


def destroy(report: Report) -> None:
    """Everything private of a report that the caller has locked, in the caller's transaction."""
    sealing.erase(report.container)
    reckoning.forget(report)
    report.attachments.all().delete()
    report.unrecorded.all().delete()
    report.exclusions.exclude(why=Excluded.REPORTER).delete()  # the reporter stands in the report's own row too
    for duty in report.duties.all():
        duty.skipped = [duties.public(one) for one in duty.skipped]
        duty.save(update_fields=["skipped"])
    report.state, report.group_digest = ReportState.ERASED, ""
    report.save(update_fields=["state", "group_digest"])


def end_duty(report: Report, duty: Duty | None, at: datetime) -> list[Notice]:
    """A duty that is still open ends here: there is nothing left to act on. The notices to whoever held it."""
    if duty is None:
        return []
    told = [duty.holder] if duty.holder else duties.staff_of(duty.post)
    hidden = duties.excluded_from(report)
    duty.state, duty.ended_at, duty.next_due_at = DutyState.ERASED, at, None
    duty.save(update_fields=["state", "ended_at", "next_due_at"])
    reference = report.reference
    return [
        Notice(
            to=person,
            kind="report.erased",
            subject=f"The duty to act on report {reference} has ended",
            body=f"The content of report {reference} was erased under a lawful order. Nobody has to act on it any more.",
            link="/duties/",
            dedupe=f"report-erased:{report.pk}:{person.pk}",
        )
        for person in told
        if person.pk not in hidden
    ]


def _asked_notices(erasure: Erasure) -> list[Notice]:
    """Everybody who could be the second person is told."""
    reference = erasure.report.reference
    return [
        Notice(
            to=person,
            kind="erasure.asked",
            subject=f"Somebody asked to erase report {reference}",
            body=f"{erasure.asked_by.name_and_unit} asked to erase what report {reference} says. A second person has to decide.",
            link=f"/standards/{reference}/erase/",
            dedupe=f"erasure-asked:{erasure.pk}:{person.pk}",
        )
        for person in could_decide(erasure)
    ]


def _answer(erasure: Erasure, said: str) -> Notice:
    decided_by = erasure.decided_by.name_and_unit if erasure.decided_by else ""
    return Notice(
        to=erasure.asked_by,
        kind="erasure.decided",
        subject=said,
        body=f"{said}. {decided_by} decided it.",
        link=f"/standards/{erasure.report.reference}/",
        dedupe=f"erasure-decided:{erasure.pk}",
    )


def _reporters(erasure: Erasure) -> Notice:
    reference = erasure.report.reference
    return duties.told_reporter(
        erasure.report,
        kind="report.erased",
        dedupe=f"report-erased:{erasure.report.pk}",
        subject=f"The content of your report {reference} was erased",
        body=f"What your report {reference} said was erased. Your receipts still prove when you sent it and what happened to it.",
    )

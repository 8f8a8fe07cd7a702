"""Erase: two people in professional standards destroy what a report says, under a retention rule or a lawful order.

One asks, with a reason; another reads the reason, types the report's reference and erases. What goes: the key of the report's container
with every sealed value, salt and file in it (the words, answers, files, previews, names of files, questions and answers, reasons, reasons
for looking, notes, words about findings and links, what nobody recorded yet, and papers sealed there), the rows of its files, what says
which group it was of, and who was excluded from it, which is an accusation, with what they had worked on at a desk.

What stays: the facts, which hold keys, times, states, categories and hashes that say nothing without their salts; the rows of the report,
its duties, lapses, outcomes, messages, notes, findings and links, which hold the same; notices, which hold its reference and officers'
names; and the reason for the erasure, sealed in a container of its own. Receipts, the chain and the tree verify as before. See
docs/threat-model.md.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.record.appending import append, append_all, person_actor
from portal.record.canonical import Json, iso
from portal.requests.choices import ErasureState, Ground
from portal.requests.deciding import CannotBeDone, change
from portal.requests.reasons import commitment_of, seal_reason
from portal.requests.retention import retention_cutoff
from portal.vault import sealing
from reporting import duty as duties
from reporting import notice_kinds, notifying, staffing
from reporting.choices import DutyState, Excluded, ReportState
from reporting.counting import reckoning
from reporting.desk.deciding import OnReports
from reporting.desk.overseeing import Locked, at_work, lock
from reporting.drafts.references import tidy
from reporting.models import Duty, Erasure, Handling, Report
from reporting.promises import promising


class CannotErase(CannotBeDone):
    """It cannot be done as asked; the text says why."""


def ask_to_erase(*, person: Person, report_id: uuid.UUID, ground: Ground, reason: str) -> Erasure:
    """Ask for an erasure, which a second person decides.

    Raises holding.NotYours for whoever is not in professional standards or must not know of the report, Erased, and CannotErase where
    the ground does not hold or somebody has asked already.
    """
    with at_work(person, report_id):
        locked = lock(person, report_id)
        _must_hold(ground, locked)
        REQUESTS.must_be_first(locked)
        container = sealing.open_container(purpose="erasure")
        erasure = Erasure(report=locked.report, ground=ground, container=container, asked_by=person, asked_at=locked.at)
        erasure.save(force_insert=True)
        REQUESTS.record(erasure, person_actor(person), "asked", {"ground": str(ground.value)}, seal_reason(erasure, reason))
        reference = locked.report.reference
        subject, wish = f"erase report {reference}", f"erase what report {reference} says"
        REQUESTS.tell_deciders(erasure, kind="erasure.asked", subject=subject, wish=wish, link=f"/standards/{reference}/erase/")
        return erasure


def erase(*, person: Person, key: uuid.UUID, reference: str) -> Erasure:
    """Destroy what the report says, as a second person, who has typed its `reference`. What is destroyed cannot be brought back.

    Raises holding.NotYours, Erased, and CannotErase for one's own request, another reference, or where the ground does not hold any more
    or whoever asked is not in professional standards any more or must not know of the report by now.
    """
    with REQUESTS.at_work(person, key):
        locked, erasure = REQUESTS.lock_to_grant(person, key)
        if tidy(reference) != locked.report.reference:
            raise CannotErase("Enter the reference of this report, as it stands at the top of the page.")
        _must_hold(Ground(erasure.ground), locked)
        unheard = promising.let_go(locked.report, at=locked.at)
        told = [*unheard.notices, *end_duty(locked.report, locked.duty, locked.at)]
        append_all(unheard.missed)
        destroy(locked.report)
        change(erasure, state=ErasureState.DONE, decided_by=person, decided_at=locked.at)
        _record(erasure, locked)
        answer = _answer(erasure, f"The content of report {locked.report.reference} was erased, as you asked")
        put_all([_reporters(erasure), answer, *told])
        return erasure


def _must_hold(ground: Ground, locked: Locked) -> None:
    if ground != Ground.RETENTION:
        return
    if locked.duty is not None:
        raise CannotErase("Somebody still holds the duty to act on this report. It can be erased under a lawful order only.")
    if not Report.objects.closed_before(retention_cutoff(locked.at)).filter(pk=locked.report.pk).exists():
        raise CannotErase(f"This report was not closed {settings.RETENTION_YEARS} years ago. It can be erased under a lawful order only.")


def _record(erasure: Erasure, locked: Locked) -> None:
    """Only what was done stands on the report's own chain: a request must not cost its reporter a proof.

    `duty`: the duty that ended with the report, where one was open.
    """
    facts: dict[str, Json] = {
        "erasure": str(erasure.pk),
        "ground": str(erasure.ground),
        "asked_by": person_actor(erasure.asked_by),
        "approved_by": person_actor(locked.person),
        "erased_at": iso(locked.at),
    }
    facts |= {"duty": locked.duty.pk} if locked.duty else {}
    sealed = commitment_of(erasure)
    append(kind="report.erased", subject=locked.report.subject, actor=person_actor(locked.person), facts=facts, sealed=sealed)


def destroy(report: Report) -> None:
    """Everything private of a report that the caller has locked, in the caller's transaction."""
    sealing.erase(report.container)
    reckoning.forget(report)
    notice_kinds.withhold_unsent(report)
    report.attachments.all().delete()
    report.unrecorded.all().delete()
    report.conflicts.all().delete()
    Handling.objects.filter(duty__report=report, person__in=report.exclusions.values("person")).delete()  # they come to know of it no more
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
    told = [duty.holder] if duty.holder else staffing.staff_of(duty.post)
    hidden = duties.excluded_from(report)
    duty.state, duty.ended_at, duty.next_due_at = DutyState.ERASED, at, None
    duty.save(update_fields=["state", "ended_at", "next_due_at"])
    reference = report.reference
    return [
        Notice(
            to=person,
            kind="duty.ended",
            subject=f"The duty to act on report {reference} has ended",
            body=f"The content of report {reference} was erased under a lawful order. Nobody has to act on it any more.",
            link="/duties/",
            dedupe=f"report-erased:{report.pk}:{person.pk}",
        )
        for person in told
        if person.pk not in hidden
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


def _refused(erasure: Erasure) -> Notice:
    return _answer(erasure, f"Your request to erase report {erasure.report.reference} was refused")


def _reporters(erasure: Erasure) -> Notice:
    reference = erasure.report.reference
    return notifying.told_reporter(
        erasure.report,
        kind="report.erased",
        dedupe=f"report-erased:{erasure.report.pk}",
        subject=f"The content of your report {reference} was erased",
        body=f"What your report {reference} said was erased. Your receipts still prove when you sent it and what happened to it.",
    )


REQUESTS = OnReports(
    model=Erasure,
    error=CannotErase,
    wish="erase this report",
    kind="erasure",
    word="erasure",
    refusal="refusal",
    container=lambda erasure: erasure.container,
    lock=lock,
    refused=_refused,
)
withdraw, refuse = REQUESTS.withdraw, REQUESTS.refuse

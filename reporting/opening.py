"""Open: the holder has the report on their screen. The first time is a fact; every visit is a consultation."""

from __future__ import annotations

import uuid

from django.db import transaction

from portal.notices.outbox import put_all
from portal.people.models import Person
from portal.receipts import telling
from portal.record.appending import append, person_actor
from portal.record.canonical import iso
from reporting import holding, notifying
from reporting.choices import DutyState
from reporting.consulting import consult
from reporting.holding import Turn
from reporting.models import Duty


def open_duty(*, person: Person, report_id: uuid.UUID, why: str) -> Turn:
    """Record that a holder, or a former holder, looks at the report, and for the present holder that the duty is open.

    `why`: "duty" or "standards". A deadline that passed fires first. Raises holding.NotYours.
    """
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        if turn.is_theirs:
            ensure_open(turn)
        consult(person=person, report=turn.report, why=why)
    return turn


def ensure_open(turn: Turn) -> Duty:
    """The holder's duty, opened now if this is the first they do with it."""
    if turn.held.state == DutyState.SENT:
        _open(turn, turn.held)
    return turn.held


def _open(turn: Turn, duty: Duty) -> None:
    duty.state, duty.opened_at = DutyState.OPENED, turn.at
    duty.next_due_at = duty.act_due_at if duty.next_due_at is not None else None  # a post's missed deadlines do not come back
    duty.save(update_fields=["state", "opened_at", "next_due_at"])
    holding.handled(turn.person, duty)
    fact = append(
        kind="duty.opened",
        subject=turn.report.subject,
        actor=person_actor(turn.person),
        facts={"duty": duty.pk, "level": duty.level, "opened_at": iso(turn.at)},
    )
    reference = turn.report.reference
    opened = notifying.told_reporter(
        turn.report,
        kind="report.opened",
        dedupe=f"report-opened:{duty.pk}",
        subject=f"Your report {reference} was opened",
        body=f"{turn.person.name_and_unit} opened your report {reference}. {telling.where()}",
    )
    put_all([opened, telling.ready(to=turn.person, fact=fact, title=f"You opened report {reference}")])

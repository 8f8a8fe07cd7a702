"""Take up: the holder says that they are dealing with it. The deadline to act stays where it was."""

from __future__ import annotations

import uuid

from django.db import transaction

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.receipts import telling
from portal.record.appending import append, person_actor
from portal.record.canonical import iso
from reporting import holding, notifying
from reporting.choices import DutyState
from reporting.holding import Turn
from reporting.models import Duty
from reporting.opening import ensure_open


def take_up(*, person: Person, report_id: uuid.UUID) -> None:
    """Mark the duty as taken up; taking it up twice changes nothing. Raises holding.NotYours and holding.NotHolding."""
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        if turn.is_theirs and (duty := ensure_open(turn)).state == DutyState.OPENED:
            duty.state, duty.taken_up_at = DutyState.TAKEN_UP, turn.at
            duty.save(update_fields=["state", "taken_up_at"])
            holding.handled(person, duty)
            fact = append(
                kind="duty.taken_up",
                subject=turn.report.subject,
                actor=person_actor(person),
                facts={"duty": duty.pk, "level": duty.level, "taken_up_at": iso(turn.at)},
            )
            receipt = telling.ready(to=person, fact=fact, title=f"You took report {turn.report.reference} up")
            put_all([_tell_reporter(turn, duty), receipt])
    turn.must_be_theirs()


def _tell_reporter(turn: Turn, duty: Duty) -> Notice:
    reference = turn.report.reference
    return notifying.told_reporter(
        turn.report,
        kind="report.taken_up",
        dedupe=f"report-taken-up:{duty.pk}",
        subject=f"Your report {reference} was taken up",
        body=f"{turn.person.name_and_unit} is dealing with your report {reference}. {telling.where()}",
    )

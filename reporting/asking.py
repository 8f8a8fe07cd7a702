"""Ask: the holder puts a question to the reporter. No deadline waits for the answer."""

from __future__ import annotations

import uuid

from django.db import transaction

from portal.notices.outbox import put_all
from portal.people.models import Person
from portal.record.appending import append, person_actor
from portal.vault.sealing import seal
from reporting import duty as duties
from reporting import holding
from reporting.choices import MessageKind
from reporting.holding import NotHolding, Turn
from reporting.models import Message
from reporting.opening import ensure_open


def ask(*, person: Person, report_id: uuid.UUID, question: str) -> Message:
    """Put a question to the reporter. Raises holding.NotYours and holding.NotHolding."""
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        asked = _ask(turn, question) if turn.is_theirs else None
    if asked is None:
        raise NotHolding(holding.gone(turn))
    return asked


def _ask(turn: Turn, question: str) -> Message:
    duty, report = ensure_open(turn), turn.report
    asked = Message.objects.create(report=report, kind=MessageKind.QUESTION, author=turn.person, at=turn.at)
    sealed = seal(container=report.container, values={f"message-{asked.pk}": question})
    append(
        kind="report.asked",
        subject=report.subject,
        actor=person_actor(turn.person),
        facts={"message": str(asked.pk), "duty": duty.pk},
        sealed=sealed,
    )
    notice = duties.told_reporter(
        report,
        kind="report.asked",
        dedupe=f"report-asked:{asked.pk}",
        subject=f"A question about your report {report.reference}",
        body=f"{turn.person.name_and_unit} asked you something about your report {report.reference}. You can answer on its page.",
    )
    put_all([notice])
    return asked

"""Say: the holder writes to the reporter, a question or word of how it goes. No deadline of the duty waits for either, and
either keeps the promise that the reporter hears."""

from __future__ import annotations

import uuid

from django.db import transaction

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.record.appending import Entry, append_all, person_actor
from portal.vault.sealing import seal
from reporting import holding, notifying
from reporting.choices import MessageKind
from reporting.holding import NotHolding, Turn
from reporting.models import Message
from reporting.once import own_key
from reporting.opening import ensure_open
from reporting.promises import promising

FACTS = {MessageKind.QUESTION: "report.asked", MessageKind.UPDATE: "reporter.told"}


def tell_reporter(*, person: Person, report_id: uuid.UUID, words: str, key: uuid.UUID | None = None) -> Message:
    """Tell the reporter how it goes. `key`: of the form; the same again tells nothing. Raises holding.NotYours and holding.NotHolding."""
    return say(person=person, report_id=report_id, kind=MessageKind.UPDATE, text=words, key=key)


def say(*, person: Person, report_id: uuid.UUID, kind: MessageKind, text: str, key: uuid.UUID | None = None) -> Message:
    """Write a question or an update to the reporter. `key`: of the form; the same again writes nothing.

    Raises holding.NotYours and holding.NotHolding.
    """
    own = own_key(key, report_id=report_id, person=person, written=[kind, text])
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        said = Message.objects.filter(pk=own).first()
        if said is None and turn.is_theirs:
            said = _write(turn, Message(pk=own, kind=kind), text)
    if said is None:
        raise NotHolding(holding.gone(turn))
    return said


def _write(turn: Turn, said: Message, text: str) -> Message:
    duty, report, kind = ensure_open(turn), turn.report, MessageKind(said.kind)
    holding.handled(turn.person, duty)
    said.report, said.author, said.at = report, turn.person, turn.at
    said.save(force_insert=True)
    heard = promising.heard(report, at=turn.at, again=True)
    fact = Entry(
        kind=FACTS[kind],
        subject=report.subject,
        actor=person_actor(turn.person),
        facts={"message": str(said.pk), "duty": duty.pk, **heard.facts},
        sealed=seal(container=report.container, values={f"message-{said.pk}": text}),
    )
    append_all([*heard.missed, fact])
    put_all([*heard.notices, _asked(turn, said) if kind == MessageKind.QUESTION else _told(turn, said)])
    return said


def _asked(turn: Turn, said: Message) -> Notice:
    reference = turn.report.reference
    return notifying.told_reporter(
        turn.report,
        kind="report.asked",
        dedupe=f"report-asked:{said.pk}",
        subject=f"A question about your report {reference}",
        body=f"{turn.person.name_and_unit} asked you something about your report {reference}. You can answer on its page.",
    )


def _told(turn: Turn, said: Message) -> Notice:
    reference = turn.report.reference
    return notifying.told_reporter(
        turn.report,
        kind="reporter.told",
        dedupe=f"reporter-told:{said.pk}",
        subject=f"Word of your report {reference}",
        body=f"{turn.person.name_and_unit} wrote to you about your report {reference}. You can read it on its page.",
    )

"""What a reporter says after sending: additions, and answers to questions. Nothing that was sent is changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Post
from portal.receipts import telling
from portal.record.appending import append, now
from portal.record.canonical import Json
from portal.vault.sealing import Erased, seal
from reporting import duty as duties
from reporting import staffing
from reporting.choices import MessageKind
from reporting.confidence import voices
from reporting.desk.doors import doors
from reporting.escalation import lapsing, routing
from reporting.evidence import keeping as evidence
from reporting.models import Duty, Message, Report
from reporting.once import own_key
from reporting.promises import breaking

DONE = {MessageKind.ADDITION: "You added to report {}", MessageKind.ANSWER: "You answered a question about report {}"}


class NotYours(Exception):
    """No such report, or question, of this person."""


@dataclass(frozen=True, slots=True)
class Own:
    """A report that its reporter is at work on, locked, with its open duty, at one reading of the database's clock."""

    report: Report
    duty: Duty | None
    at: datetime


class AlreadyAnswered(Exception):
    def __init__(self) -> None:
        super().__init__("You answered this question already. To say more, add something to your report.")


def add_to_report(*, reporter: Person, report_id: uuid.UUID, key: uuid.UUID, text: str, files: Sequence[evidence.Checked] = ()) -> Message:
    """Add words and files to a report. `key`: of the form; the same again adds nothing.

    Raises NotYours, Erased, and BadFile where there would be more files than a report may have.
    """
    key = own_key(key, report_id=report_id, person=reporter, written=[text, *(evidence.digest(checked) for checked in files)])
    message = Message(pk=key, kind=MessageKind.ADDITION, author=reporter)
    with at_work(reporter, report_id) as own:
        report = message.report = own.report
        before = Message.objects.filter(pk=key).first()
        if before is not None:
            return before
        so_far = report.attachments.count()
        kept = [
            evidence.keep(checked, container=report.container, so_far=so_far + place, report=report) for place, checked in enumerate(files)
        ]
        sealed = {f"file-{attachment.pk}": attachment.commitment for attachment in kept}
        _write(message, own.duty, text, kind="report.added", sealed=sealed, told=f"The reporter added something to {report.reference}")
        return message


def answer_question(*, reporter: Person, report_id: uuid.UUID, question_id: uuid.UUID, text: str) -> Message:
    """Answer a question once. The same words again change nothing. Raises NotYours, Erased and AlreadyAnswered."""
    with at_work(reporter, report_id) as own:
        report = own.report
        question = Message.objects.filter(pk=question_id, report=report, kind=MessageKind.QUESTION).first()
        if question is None:
            raise NotYours
        if Message.objects.filter(answers=question).exists():
            raise AlreadyAnswered
        message = Message(report=report, kind=MessageKind.ANSWER, author=reporter, answers=question)
        _write(message, own.duty, text, kind="report.answered", sealed={}, told=f"The reporter answered a question on {report.reference}")
        return message


@contextmanager
def at_work(reporter: Person, report_id: uuid.UUID) -> Iterator[Own]:
    """The transaction of a verb of the reporter, which may refuse, on their report, locked. What has passed fires before it, in
    transactions of its own, so that no refusal undoes it; what passed in between fires in it, first. Raises NotYours and Erased."""
    theirs = Report.objects.for_reporter(reporter).filter(pk=report_id)
    lapsing.fire_before(theirs)
    breaking.break_before(theirs)
    with transaction.atomic():
        yield _lock(reporter, report_id)


def _lock(reporter: Person, report_id: uuid.UUID) -> Own:
    try:
        report, duty = duties.lock(report_id)
    except Report.DoesNotExist:
        raise NotYours from None
    if report.reporter_id != reporter.pk:
        raise NotYours
    if report.is_erased:
        raise Erased(report.reference)
    report.reporter = reporter
    at = now()
    duty = lapsing.fire_first(duty, at=at) if duty else None
    breaking.break_first(report, at=at)
    return Own(report, duty, at)


def _write(message: Message, duty: Duty | None, text: str, *, kind: str, sealed: dict[str, str], told: str) -> None:
    report = message.report
    message.at = now()
    message.save(force_insert=True)
    values = {f"message-{message.pk}": text} | voices.author(report, message.pk)
    commitments = seal(container=report.container, values=values) | sealed
    facts: dict[str, Json] = {"message": str(message.pk)}
    if message.answers_id:
        facts["answers"] = str(message.answers_id)
    fact = append(kind=kind, subject=report.subject, actor=voices.actor(report, "adding"), facts=facts, sealed=commitments)
    receipt = telling.ready(to=report.reporter, fact=fact, title=DONE[MessageKind(message.kind)].format(report.reference))
    put_all([*(_notice(message, person, kind, told, link) for person, link in _readers(report, duty)), receipt])


def _readers(report: Report, duty: Duty | None) -> list[tuple[Person, str]]:
    """Who has to read it, and where: whoever holds the duty; once somebody acted, those at the top of the ladder who can open it."""
    if duty is not None and duty.holder is not None:
        return [(duty.holder, f"/duties/{report.reference}/")]
    post = duty.post if duty is not None else Post.objects.filter(code=routing.desk_code(report)).first()
    staff, excluded = staffing.staff_of(post), duties.excluded_from(report)
    able = doors([report], staff)
    readers = [person for person in staff if person.pk not in excluded and able.opens(person, report)]
    told = staffing.on_duty(post, readers or staff, excluded, now(), confidential=report.confidential)
    return [(person, able.link(person, report, with_post=duty is not None)) for person in told]


def _notice(message: Message, person: Person, kind: str, told: str, link: str) -> Notice:
    """Never with the words, never with the reporter's name."""
    return Notice(
        to=person,
        kind=kind,
        subject=told,
        body=f"{told}. Sign in to read it.",
        link=link,
        dedupe=f"message:{message.pk}:{person.pk}",
    )

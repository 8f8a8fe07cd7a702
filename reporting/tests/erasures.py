"""Reports to erase in tests, and where to look for what must be gone."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.requests.choices import Ground
from portal.vault.sealing import seal
from reporting import acting, adding, asking, opening, passing, stepping_aside
from reporting.choices import Conflicted, Excluded, Outcome
from reporting.desk import excluding
from reporting.erasure import erasing
from reporting.evidence import keeping as evidence
from reporting.models import Attachment, Decision, Duty, Erasure, Message, Report
from reporting.tests import files
from reporting.tests.making import a_line, open_duty_of, send

WORD = "Zarniwoopish-7731"  # in everything private of one report, and nowhere else
LONG_AGO = 366 * 7


def closed(days: float = LONG_AGO, **fields: Any) -> Report:
    """A report that was acted on so many days ago."""
    report = send(a_line()[0], **fields)
    holder = open_duty_of(report).holder
    assert holder is not None
    acting.act(person=holder, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Dealt with.")
    past(report, days)
    return Report.objects.get(pk=report.pk)


def past(report: Report, days: float) -> None:
    by = timedelta(days=days)
    Report.objects.filter(pk=report.pk).update(sent_at=F("sent_at") - by)
    Duty.objects.filter(report=report).update(ended_at=F("ended_at") - by, acted_at=F("acted_at") - by)
    Decision.objects.filter(duty__report=report).update(decided_at=F("decided_at") - by)
    Message.objects.filter(report=report).update(at=F("at") - by)


def asked(report: Report, person: Person, ground: Ground = Ground.ORDER, reason: str = "Order 12 of the county court") -> Erasure:
    return erasing.ask_to_erase(person=person, report_id=report.pk, ground=ground, reason=reason)


def erased(report: Report, one: Person, other: Person, ground: Ground = Ground.ORDER) -> Erasure:
    return erasing.erase(person=other, key=asked(report, one, ground).pk, reference=report.reference)


def attach(report: Report, text: str = WORD) -> Attachment:
    checked = evidence.check(files.upload(f"{WORD}.txt", f"[03/03/2025] Ada: {text}\n".encode() * 3))
    adding.add_to_report(reporter=report.reporter, report_id=report.pk, key=uuid.uuid4(), text=WORD, files=[checked])
    attachment: Attachment = report.attachments.latest("added_at")
    return attachment


def a_life(one: Person) -> Report:
    """A report with everything that anybody can write into one, each with the word in it, and people excluded at once and later."""
    people, sender, other = a_line(), PersonFactory(last_name="Sender"), PersonFactory(last_name="Other")
    report = send(people[0], excluded={sender: Excluded.SENDER})
    with transaction.atomic():
        seal(container=report.container, values={"others": WORD})
    attachment = attach(report)
    holder = open_duty_of(report).holder
    assert holder is not None
    opening.open_duty(person=holder, report_id=report.pk, why="duty")
    question = asking.ask(person=holder, report_id=report.pk, question=WORD)
    adding.answer_question(reporter=report.reporter, report_id=report.pk, question_id=question.pk, text=WORD)
    evidence.original(person=holder, attachment=attachment, why=WORD)
    passing.pass_on(person=holder, report_id=report.pk, to=PersonFactory(rank=30).pk, reason=WORD)
    holder = open_duty_of(report).holder
    assert holder is not None
    stepping_aside.step_aside(person=holder, report_id=report.pk, reason=WORD)
    duty = open_duty_of(report)
    holder = duty.holder or one
    Duty.objects.filter(pk=duty.pk).update(skipped=[{"person": str(sender.pk), "why": "excluded"}, *duty.skipped])
    excluding.exclude(person=one, report_id=report.pk, whom=other, why=Conflicted.INVOLVED, reason=WORD)
    acting.act(person=holder, report_id=report.pk, outcome=Outcome.LOCAL, reasons=WORD, shared=WORD)
    return Report.objects.get(pk=report.pk)


def found_in_tables(owner: Any, *needles: bytes) -> list[str]:
    """Every column of every table, whatever its type, that holds one of `needles` as text, as bytes, or as the text of bytes."""
    columns = owner.execute(
        "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    ).fetchall()
    assert len(columns) > 100
    found = []
    for table, column in columns:
        for needle in needles:
            looks = (f"%{needle.decode()}%", f"%{needle.hex()}%", f"%{as_base64(needle)}%") if needle.isascii() else (f"%{needle.hex()}%",)
            query = f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE ANY(%s)'  # noqa: S608 - the catalogue's own names
            if owner.execute(query, [list(looks)]).fetchone()[0]:
                found.append(f"{table}.{column}")
    return found


def as_base64(needle: bytes) -> str:
    return base64.b64encode(needle[: len(needle) // 3 * 3]).decode()


def found_on_disk(*needles: bytes) -> list[Path]:
    everything = [path for path in Path(settings.VAULT_FILES).parent.rglob("*") if path.is_file()]
    return [path for path in everything if any(needle in path.read_bytes() for needle in needles)]

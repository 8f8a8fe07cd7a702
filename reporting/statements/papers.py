"""The paper of a statement of duty: the same reading as its page, with the file attached (`portal.receipts.paper`)."""

from __future__ import annotations

import uuid

from django.conf import settings

from portal.people.models import Person
from portal.receipts.paper import contents, copies
from portal.receipts.paper.contents import Line, Paper, Prose, Table
from portal.receipts.words import Covering
from reporting.holding import NotYours
from reporting.models import Report
from reporting.statements import files as statement_files
from reporting.statements import stating
from reporting.statements.files import Statement
from reporting.statements.intervals import read
from reporting.statements.parts import Party
from reporting.statements.wording import Row, Voice

KIND = "statement"
MADE_FOR = {Party.REPORTER: "The reporter", Party.HOLDER: "A holder of the duty, for their part", Party.STANDARDS: "Professional standards"}


def key_of(report: Report, party: Party, seq: int) -> str:
    """What a copy of this statement is asked for by."""
    return f"{report.pk}:{party.value}:{seq}"


def build(person_id: uuid.UUID, key: str) -> Paper:
    """The contents of one paper. Raises copies.Gone where this person may not have it any more, or nothing proves it yet."""
    pk, party, seq = key.split(":")
    person, as_ = Person.objects.filter(pk=person_id).first(), Party(party)
    report = stating.open_to(person, as_).filter(pk=pk).first() if person else None
    if person is None or report is None:
        raise copies.Gone
    try:
        given = stating.statement_taken(person=person, report=report, as_=as_, seq=int(seq))
    except NotYours as error:
        raise copies.Gone from error
    checkpoint = statement_files.cover(given)
    if checkpoint is None:
        raise copies.Gone
    return paper(statement_files.statement(report, party=as_, person=person, given=given), checkpoint)


def paper(made: Statement, checkpoint: Covering) -> Paper:
    """A made statement on paper. Where nobody is named, holders stand with their keys."""
    voice, reading = Voice(made.names, contents.in_london), read(made.pieces, until=made.given.at)
    first, last = made.pieces[0].fact.subject_seq, made.pieces[-1].fact.subject_seq
    withheld = f", {reading.withheld} of them withheld" if reading.withheld else ""
    rows = [_cells(row, voice) for row in voice.rows(reading)]
    columns, widths = ("Holder", "From and to", "Because", "What they did"), (3, 3, 3, 4)
    return Paper(
        force=settings.FORCE_NAME,
        noun="statement",
        title="Statement of duty",
        reference=made.report.reference,
        facts=[
            Line(label="Made for", value=MADE_FOR[made.party]),
            contents.at("Made", made.given.at),
            Line(label="Facts about the report", value=f"Numbers {first} to {last}{withheld}"),
        ],
        parts=[
            *([Table(heading="Who held the duty", columns=columns, widths=widths, rows=rows)] if rows else []),
            Prose(heading="What this proves", points=voice.proved(reading)),
            Prose(heading="What it does not prove", points=voice.not_proved(reading)),
        ],
        checks=_checks(checkpoint),
        check_url=f"{settings.BASE_URL}/record/verify/",
        attachment=statement_files.content(made, checkpoint),
        attachment_name=made.file_name,
    )


def _cells(row: Row, voice: Voice) -> tuple[str, ...]:
    did = "\n".join(f"{one.text} {voice.moment(one.at)}{f': {one.detail}' if one.detail else ''}" for one in row.events) or (
        "Nothing recorded" if row.until or row.open else "Not told here"
    )
    return row.holder, f"{voice.moment(row.start)}{_until(row, voice)}", row.because, did


def _until(row: Row, voice: Voice) -> str:
    if row.until is None:
        return " to the end of this statement" if row.open else ", to an end not told here"
    return ", for less than a minute" if row.brief else f" to {voice.moment(row.until)}"


def _checks(checkpoint: Covering) -> list[Line]:
    return [
        Line(label="Facts signed", value=f"{checkpoint.size:,}"),
        contents.at("Signed", checkpoint.signed_at),
        Line(label="Root of the tree", value=checkpoint.root.hex(), exact=True),
        Line(label="The log's key", value=str(checkpoint.keys[0]), exact=True),
    ]

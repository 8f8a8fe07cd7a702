"""Notes: what a holder or professional standards want to remember, or to tell whoever works on the report after them.

The reporter never learns of one. Facts about notes stand on the chain of who looked, so that a statement of duty says nothing of them
(docs/decisions/0021). Whoever holds the duty reads the notes of those before; a former holder reads what there was when theirs ended.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.people.models import Person, Role
from portal.record.appending import append, person_actor
from portal.vault.sealing import Erased, read_text, seal
from reporting import holding
from reporting.desk import overseeing
from reporting.holding import NotHolding
from reporting.models import Duty, Note, Report
from reporting.once import own_key
from reporting.opening import ensure_open


@dataclass(frozen=True, slots=True)
class NoteShown:
    """A note as a page shows it."""

    author: str
    at: datetime
    text: str


def write_note(*, person: Person, report_id: uuid.UUID, text: str, key: uuid.UUID | None = None) -> Note:
    """Keep a note by the present holder or by professional standards. `key`: of the form; the same again keeps nothing.

    Raises holding.NotYours, holding.NotHolding and Erased.
    """
    note = Note(pk=own_key(key, report_id=report_id, person=person, written=[text]), author=person)
    with transaction.atomic():
        if person.has_role(Role.PROFESSIONAL_STANDARDS):
            locked = overseeing.lock(person, report_id)
            return _write(note, locked.report, locked.at, text)
        turn = holding.take_turn(person=person, report_id=report_id)
        if turn.is_theirs:
            ensure_open(turn)
            return _write(note, turn.report, turn.at, text)
    raise NotHolding(holding.gone(turn))


def _write(note: Note, report: Report, at: datetime, text: str) -> Note:
    before = Note.objects.filter(pk=note.pk).first()
    if before is not None:
        return before
    note.report, note.at = report, at
    note.save(force_insert=True)
    sealed = seal(container=report.container, values={f"note-{note.pk}": text})
    append(
        kind="note.added", subject=report.consultations, actor=person_actor(note.author), facts={"note": str(note.pk)}, sealed=sealed
    )  # fmt: skip
    return note


def notes_for(person: Person, report: Report) -> list[NoteShown]:
    """The notes this person may read, the oldest first; none for its reporter, and none once the report was erased."""
    written = list(Note.objects.filter(report=report).select_related("author__unit").order_by("at", "pk"))
    notes = readable(person, report, written) if written else []
    try:
        texts = read_text(report.container, *(f"note-{note.pk}" for note in notes)) if notes else {}
    except Erased:
        return []
    return [NoteShown("You" if note.author == person else note.author.name_and_unit, note.at, texts[f"note-{note.pk}"]) for note in notes]


def readable(person: Person, report: Report, notes: Sequence[Note]) -> list[Note]:
    """All of them for professional standards and the present holder, and for a former one those from before their duty ended."""
    if not Report.objects.known_to(person).filter(pk=report.pk).exists() or person.pk == report.reporter_id:
        return []
    if person.has_role(Role.PROFESSIONAL_STANDARDS):
        return list(notes)
    last = Duty.objects.filter(report=report).ever_held_by(person).order_by("-seq").first()
    if last is None:
        return []
    ended = last.ended_at
    return [note for note in notes if ended is None or note.at <= ended or note.author_id == person.pk]

"""What somebody wrote about what they did before they recorded it: kept sealed, theirs alone, and not lost when the duty moves on.

Nothing is recorded by it and the record says nothing of it. It goes when they record what they did, discard it, step aside or are
excluded, and with the report.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.people.models import Person
from portal.vault.files import forget
from portal.vault.sealing import Erased, Missing, read_text, seal
from reporting import holding
from reporting.models import Report, Unrecorded

FIELDS = ("outcome", "reasons", "shared", "checked")


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed, by field, right or wrong, and when it was saved."""

    typed: dict[str, list[str]]
    saved_at: datetime

    @property
    def words(self) -> list[str]:
        """What was written, to be read by its writer."""
        return [text for text in (self.first("reasons"), self.first("shared")) if text]

    def first(self, name: str) -> str:
        return next(iter(self.typed.get(name, [])), "")


def save(*, person: Person, report_id: uuid.UUID, typed: Mapping[str, Sequence[str]]) -> None:
    """Keep what a holder or a former holder typed, in place of what was kept before. Raises holding.NotYours and Erased."""
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        kept = {name: list(typed[name]) for name in FIELDS if typed.get(name)}
        forget(container=turn.report.container, names=[_name(person)])
        seal(container=turn.report.container, values={_name(person): json.dumps(kept)})
        Unrecorded.objects.update_or_create(report=turn.report, person=person, defaults={"saved_at": turn.at})


def read(person: Person, report: Report) -> Kept | None:
    """What this person kept, or None."""
    row = Unrecorded.objects.filter(report=report, person=person).first()
    if row is None:
        return None
    try:
        return Kept(json.loads(read_text(report.container, _name(person))[_name(person)]), row.saved_at)
    except (Erased, Missing):
        return None


def discard(*, person: Person, report_id: uuid.UUID) -> None:
    """Forget it at the wish of whoever wrote it. Raises holding.NotYours and Erased."""
    with transaction.atomic():
        drop(person, holding.take_turn(person=person, report_id=report_id).report)


def drop(person: Person, report: Report) -> None:
    """Forget it, in the caller's transaction: it was recorded, or they must not know of the report any more."""
    if Unrecorded.objects.filter(report=report, person=person).delete()[0]:
        forget(container=report.container, names=[_name(person)])


def _name(person: Person) -> str:
    return f"unrecorded-{person.pk}"

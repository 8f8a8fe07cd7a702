"""Everything of one kind that a person may have erased, with what waits for a decision first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from portal.erasure.erasing import address
from portal.erasure.kinds import Room, Words, rooms_of
from portal.erasure.models import Erasure
from portal.people.models import Person
from portal.vault.models import erased


@dataclass(frozen=True, slots=True)
class Line:
    """past: the retention rule reaches it. waiting: who asked to have it erased, if somebody did."""

    words: Words
    past: bool
    waiting: Erasure | None


def kept(room: Room, person: Person) -> QuerySet[Any]:
    """Rows whose words are still sealed."""
    return room.theirs(person).filter(container__isnull=False).exclude(erased("container"))


def waiting(room: Room, person: Person) -> list[Line]:
    """What somebody asked to erase, the oldest request first."""
    asked = list(Erasure.objects.waiting().filter(kind=room.kind).select_related("asked_by__unit").order_by("asked_at"))
    found = {str(row.pk): room.words(row) for row in kept(room, person).filter(pk__in=[erasure.key for erasure in asked])}
    return [Line(found[erasure.key], past=False, waiting=erasure) for erasure in asked if erasure.key in found]


def to_decide(person: Person) -> list[tuple[str, str]]:
    """Requests by colleagues that this person may decide on as the second: what it is about, and the address."""
    found = [line for room in rooms_of(person) for line in waiting(room, person)]
    others = [(line.words, line.waiting) for line in found if line.waiting and line.waiting.asked_by_id != person.pk]
    return [(words.plain, address(asked)) for words, asked in others]


def lines(room: Room, page: Iterable[Any], before: datetime) -> Sequence[Line]:
    """Lines for a page of rows. `before`: the cutoff of the retention rule."""
    found = [room.words(row) for row in page]
    asked = {erasure.key: erasure for erasure in Erasure.objects.waiting().among(room.kind, [words.key for words in found])}
    return [Line(words, words.closed_before(before), asked.get(words.key)) for words in found]

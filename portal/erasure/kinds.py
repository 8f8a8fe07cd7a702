"""Whose sealed words two persons may erase: rooms register here when the portal starts, so that the ground floor imports none."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from portal.people.models import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Sealed words of one row of a room.

    title: what they are and of whom, for those who may erase them. plain: the same without a name, for notices. container: where
    everything about them is sealed. subject: the chain that says they were sealed. written_at: of the first of them. closed_at: from when
    the retention rule counts, None while somebody still works on it. writers: whose words they are. deciders: everybody who may be one of
    the two.
    """

    kind: str
    key: str
    title: str
    plain: str
    container: uuid.UUID
    subject: str
    written_at: datetime
    closed_at: datetime | None
    writers: Iterable[Person]
    deciders: QuerySet[Person]

    @property
    def name(self) -> str:
        """How facts call them."""
        return f"{self.kind}:{self.key}"

    def closed_before(self, at: datetime) -> bool:
        """Whether nobody worked on it any more at `at`, which is `retention_cutoff` where the retention rule is asked for."""
        return self.closed_at is not None and self.closed_at < at


class Room(Protocol):
    """Sealed words of one kind.

    kind: how addresses and facts call it. noun: what one is, such as "note". title: what a list of them is called. elsewhere: where the
    second person is, after "somebody else". roles: who may have any of them erased. notices: how the kinds of notices about them begin.
    """

    kind: str
    noun: str
    title: str
    elsewhere: str
    roles: tuple[str, ...]
    notices: str

    def theirs(self, person: Person) -> QuerySet[Any]:
        """Rows whose words this person may have erased, also those erased before; what was closed first comes first."""

    def words(self, row: Any) -> Words:
        """The words of a row of `theirs`."""

    def page(self, row: Any, person: Person) -> str:
        """The address of the page on which this person reads them; empty where they may not."""


_rooms: dict[str, Room] = {}


def register(room: Room) -> None:
    """Registering a kind again replaces its room."""
    _rooms[room.kind] = room


def room(kind: str) -> Room | None:
    return _rooms.get(kind)


def rooms_of(person: Person) -> list[Room]:
    """Rooms any of whose words this person may have erased."""
    return [room for room in _rooms.values() if person.has_role(*room.roles)]


def registered(kind: str) -> Room:
    """Raises KeyError."""
    return _rooms[kind]


def row(person: Person, kind: str, key: str, *, locked: bool = False) -> Any:
    """The row, or None where this person may not have its words erased. `locked`: until the transaction ends."""
    found = _rooms.get(kind)
    if found is None or not person.is_active:
        return None
    try:
        mine = found.theirs(person).filter(pk=key)
    except (ValidationError, ValueError):
        return None
    return (mine.select_for_update(no_key=True, of=("self",)) if locked else mine).first()

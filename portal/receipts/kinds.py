"""Which facts somebody may have a receipt of: rooms register here when the portal starts, so that the ground floor imports none."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from portal.people.models import Person
from portal.record.models import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What receipts are listed under: a report, a handset, a document. `subject`: the chain its facts stand on. `at`: when it began."""

    key: str
    subject: str
    title: str
    href: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A receipt that one person may have of one fact.

    title: what the fact says, to that person, such as "You sent report MR-7K3P-9QXA". said: its kind in plain words, such as "Report sent".
    group: the key of the `Group` it is listed
    under. stem: the name of the file, without its ending. reference: of the report, where there is one. names: people and posts that the
    leaf speaks of, keyed as there. parties: whoever it speaks of besides its actor, by the label of their row, and dues: the deadlines it
    sets, by theirs.
    container: where the sealed values are, and sealed: the names of those this person may have, each with what it is called.
    coded: those of them that are for machines. spelled: what the value of such a one says, as labels and texts.
    erased: whether what was sealed is destroyed.
    """

    fact: Fact
    title: str
    said: str
    group: str
    stem: str
    href: str
    reference: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    parties: Mapping[str, str] = field(default_factory=dict)
    dues: Mapping[str, datetime] = field(default_factory=dict)
    container: uuid.UUID | None = None
    sealed: Mapping[str, str] = field(default_factory=dict)
    coded: frozenset[str] = frozenset()
    spelled: Mapping[str, Callable[[str], Sequence[tuple[str, str]]]] = field(default_factory=dict)
    erased: bool = False

    @property
    def listed(self) -> str:
        """The title under the heading of its group, which says the reference already."""
        return self.title.replace(f"report {self.reference}", "it") if self.reference else self.title

    @property
    def by(self) -> str:
        """Who did it; empty where that person is not named to whoever has the receipt."""
        return "The portal" if self.fact.actor.startswith("process:") else self.names.get(self.fact.actor, "")


class Room(Protocol):
    """What a room knows of its facts and of whom they concern. Every method may be asked about anybody."""

    kinds: frozenset[str]

    def count(self, person: Person) -> int:
        """How many groups this person has."""

    def newest(self, person: Person, most: int) -> list[Group]:
        """Their newest groups, the newest first."""

    def offers(self, person: Person, facts: Sequence[Fact]) -> list[Offer]:
        """Those of `facts`, which are of this room's kinds, that this person may have, in the order given."""


_rooms: dict[str, Room] = {}


def register(name: str, room: Room) -> None:
    """Let a room offer receipts. Registering a name again replaces its room."""
    _rooms[name] = room


def rooms() -> Iterable[Room]:
    return _rooms.values()


def known() -> list[str]:
    """Every kind of fact that somebody may have a receipt of."""
    return sorted(kind for room in rooms() for kind in room.kinds)


def offers(person: Person, facts: Sequence[Fact]) -> Iterator[Offer]:
    """Those of `facts` that this person may have a receipt of: a few queries for each room, however many facts."""
    for room in rooms():
        if mine := [fact for fact in facts if fact.kind in room.kinds]:
            yield from room.offers(person, mine)


def offer(person: Person, fact_id: int) -> Offer | None:
    """The receipt of one fact, or None where this person may have none."""
    facts = list(Fact.objects.filter(pk=fact_id, kind__in=known()))
    return next(offers(person, facts), None)

"""Everything somebody has receipts of, in groups: a page of groups costs a few queries, however large the record is."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass

from portal.people.models import Person
from portal.receipts import kinds
from portal.receipts.kinds import Group, Offer
from portal.record import published
from portal.record.models import Fact


@dataclass(frozen=True, slots=True)
class Line:
    """One receipt of a list."""

    offer: Offer
    final: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One group with its receipts, the newest first."""

    group: Group
    lines: list[Line]


class Groups:
    """The groups of one person, the newest first, as `portal.ui.paging.Pages` takes them."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def count(self) -> int:
        return sum(room.count(self.person) for room in kinds.rooms())

    def __getitem__(self, part: slice) -> list[Group]:
        newest = [room.newest(self.person, part.stop) for room in kinds.rooms()]
        merged = heapq.merge(*newest, key=lambda group: group.at, reverse=True)
        return list(itertools.islice(merged, part.start or 0, part.stop))


def sections(person: Person, groups: list[Group]) -> list[Section]:
    """The receipts of these groups of this person."""
    facts = Fact.objects.filter(subject__in={group.subject for group in groups}, kind__in=kinds.known()).order_by("-at", "-pk")
    found: dict[str, list[Line]] = {group.key: [] for group in groups}
    covered = covered_size()
    for offer in sorted(kinds.offers(person, list(facts)), key=lambda offer: (offer.fact.at, offer.fact.pk), reverse=True):
        if offer.group in found:
            found[offer.group].append(Line(offer, is_final(offer.fact, covered)))
    return [Section(group, found[group.key]) for group in groups if found[group.key]]


def covered_size() -> int:
    """How many facts the newest checkpoint covers."""
    newest = published.newest()
    return newest.size if newest else 0


def is_final(fact: Fact, covered: int) -> bool:
    return fact.leaf_index is not None and fact.leaf_index < covered

"""Readers of the sample guidance: a share of every unit, chosen the same way each time."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from django.db import transaction

from guidance.models import Acknowledgement, Version
from guidance.reminding import audience_of
from guidance.rendering import hash_of
from guidance.samples.installing import DOCUMENTS
from portal.people.models import Person
from portal.record.appending import Entry, append_unread, now, person_actor
from portal.record.canonical import Json

LEAST, MOST = 40, 95  # per cent of a unit
BATCH = 2_000


def acknowledge_samples(*, leave: Iterable[str] = ()) -> int:
    """Acknowledge the newest sample version of each document for its share of readers; return how many were added.

    leave: numbers of people who acknowledge nothing. Running it again adds nothing for the same people.
    """
    samples = Version.objects.current().filter(document__slug__in=DOCUMENTS).select_related("document").order_by("pk")
    return sum(_read(version, frozenset(leave)) for version in samples if version.number == len(DOCUMENTS[version.document.slug][1]))


def _read(version: Version, leave: frozenset[str]) -> int:
    people = audience_of(version).exclude(number__in=leave).exclude(acknowledgements__version=version)
    readers = [person for person in people.select_related("unit").order_by("number") if _reads(person, version)]
    for start in range(0, len(readers), BATCH):
        _acknowledge(version, readers[start : start + BATCH])
    return len(readers)


def _reads(person: Person, version: Version) -> bool:
    """Whether they are of their unit's share, which no clock and no chance decides."""
    unit = person.unit.code if person.unit else ""
    share = LEAST + zlib.crc32(f"{version.document.slug} {unit}".encode()) % (MOST - LEAST)
    return zlib.crc32(f"{version.document.slug} {person.number}".encode()) % 100 < share


@transaction.atomic
def _acknowledge(version: Version, people: Sequence[Person]) -> None:
    """What `guidance.acknowledging.acknowledge` writes, for many at once."""
    at = now()
    Acknowledgement.objects.bulk_create(
        Acknowledgement(version=version, person=person, at=at, text_hash=version.text_hash, sentence=version.sentence) for person in people
    )
    facts: dict[str, Json] = {
        "document": version.document.slug,
        "version": version.number,
        "text_hash": version.text_hash,
        "sentence_hash": hash_of(version.sentence),
    }
    append_unread(
        [Entry(kind="guidance.acknowledged", subject=f"reader:{person.pk}", actor=person_actor(person), facts=facts) for person in people]
    )

"""Acknowledge a version: who, which text, which sentence, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from guidance.models import APPLIES, Acknowledgement, Version, about
from guidance.rendering import hash_of
from portal.notices.outbox import put_all
from portal.people.models import Person
from portal.postgres.base import one
from portal.receipts import telling
from portal.record.appending import append, person_actor

# Check and write in one statement: no row means there is nothing to acknowledge here, a row without a time that it was done before.
ACKNOWLEDGE = f"""
WITH chosen AS (
    SELECT version.id, version.number, version.text_hash, version.sentence, document.title
    FROM guidance_version AS version JOIN guidance_document AS document ON document.id = version.document_id
    WHERE version.id = %(version)s AND document.slug = %(slug)s AND document.withdrawn_at IS NULL
      AND version.state = 'published' AND version.text_hash = %(text_hash)s AND {APPLIES}
      AND NOT EXISTS (
        SELECT FROM guidance_version AS newer
        WHERE newer.document_id = version.document_id AND newer.state = 'published' AND newer.number > version.number
      )
), added AS (
    INSERT INTO guidance_acknowledgement (version_id, person_id, at, text_hash, sentence)
    SELECT id, %(person)s, clock_timestamp(), text_hash, sentence FROM chosen
    ON CONFLICT (person_id, version_id) DO NOTHING
    RETURNING at
)
SELECT chosen.number, chosen.text_hash, chosen.sentence, chosen.title, added.at FROM chosen LEFT JOIN added ON true
"""  # noqa: S608 (made of constants alone)


class Superseded(Exception):
    """A newer version came out while this one was being read; the sentence says so."""

    def __init__(self, number: int, newer: int) -> None:
        super().__init__(
            f"Version {newer} came out while you were reading version {number}, so nothing was acknowledged. "
            "Read what changed, then acknowledge the new version."
        )


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """at: when the person acknowledged the version, by the database's clock; again: they had done so before."""

    at: datetime
    again: bool


def acknowledge(*, person: Person, slug: str, version_id: int, text_hash: str) -> Acknowledged:
    """Keep that `person` acknowledges the version they read; doing it twice is doing it once.

    text_hash: the hash of the text that was shown. Raises Superseded where it is not the current text any more, and
    Version.DoesNotExist where the person has no such version to acknowledge.
    """
    chosen = {**about(person), "version": version_id, "slug": slug, "text_hash": text_hash}
    with transaction.atomic():
        row = one(ACKNOWLEDGE, chosen)
        if row is None:
            raise _refusal(person, slug, version_id)
        number, shown, sentence, title, at = row
        if at is None:
            return Acknowledged(Acknowledgement.objects.values_list("at", flat=True).get(version=version_id, person=person), again=True)
        fact = append(
            kind="guidance.acknowledged",
            subject=f"reader:{person.pk}",
            actor=person_actor(person),
            facts={"document": slug, "version": number, "text_hash": shown, "sentence_hash": hash_of(sentence)},
        )
        put_all([telling.ready(to=person, fact=fact, title=f"You acknowledged {title}, version {number}")])
        return Acknowledged(at, again=False)


def _refusal(person: Person, slug: str, version_id: int) -> Exception:
    """Why nothing was written. A text hash that is not the version's is treated as a page that is out of date."""
    mine = Version.objects.for_person(person).filter(document__slug=slug)
    read = mine.published().without_text().filter(pk=version_id).first()
    current = mine.current().without_text().first()
    if read is None or current is None:
        return Version.DoesNotExist()
    return Superseded(read.number, current.number)

"""One document as one person sees it now: one query, and the rendered text from memory (a published text never changes)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone

from guidance.models import APPLIES, Version, about
from guidance.rendering import Page
from guidance.waiting import CURRENT
from portal.people.models import Person
from portal.postgres.base import one

# Two versions of a document are never unpublished at
# once, so published numbers have no gaps and the version before needs no looking up.
READING = f"""
SELECT
    document.slug, document.title, version.id, version.number, version.summary, version.sentence, version.acknowledge_by,
    version.text_hash, version.published_at, mine.at, mine.before, asked.id, asked.answered_at, asked.erased, document.owner_id = %(person)s
FROM {CURRENT}
LEFT JOIN LATERAL (
    SELECT max(done.at) FILTER (WHERE done.version_id = version.id) AS at, max(past.number) FILTER (WHERE past.id <> version.id) AS before
    FROM guidance_acknowledgement AS done JOIN guidance_version AS past ON past.id = done.version_id
    WHERE done.person_id = %(person)s AND past.document_id = document.id
) AS mine ON true
LEFT JOIN LATERAL (
    SELECT question.id, question.answered_at, container.erased_at IS NOT NULL AS erased
    FROM guidance_question AS question JOIN vault_container AS container ON container.id = question.container
    WHERE question.person_id = %(person)s AND question.version_id = version.id ORDER BY question.asked_at DESC LIMIT 1
) AS asked ON true
WHERE document.slug = %(slug)s AND {APPLIES}
"""  # noqa: S608 (made of constants alone)


@dataclass(frozen=True, slots=True)
class Reading:
    """The current version of a document for one person.

    acknowledged_before: the last earlier version they acknowledged. question_id: the last thing they asked about this version.
    """

    slug: str
    title: str
    version_id: int
    number: int
    summary: str
    sentence: str
    acknowledge_by: date
    text_hash: str
    published_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_before: int | None
    question_id: uuid.UUID | None
    answered_at: datetime | None
    question_erased: bool | None
    is_owner: bool | None

    @property
    def since(self) -> int | None:
        """The version that changes are shown from, or None for the first version."""
        return self.acknowledged_before or self.previous

    @property
    def previous(self) -> int | None:
        return self.number - 1 or None

    @property
    def shown(self) -> str:
        """What the form says back about the text it was shown under."""
        return f"{self.version_id}.{self.text_hash}"

    @property
    def overdue(self) -> bool:
        return self.acknowledged_at is None and self.acknowledge_by < timezone.localdate()

    @property
    def page(self) -> Page:
        return page_of(self.version_id, self.text_hash)


def read(person: Person, slug: str) -> Reading:
    """Raises Version.DoesNotExist where there is no such document, it was withdrawn, or it does not apply to this person."""
    row = one(READING, {**about(person), "slug": slug})
    if row is None:
        raise Version.DoesNotExist
    return Reading(*row)


@lru_cache(maxsize=128)
def page_of(version_id: int, text_hash: str) -> Page:
    """The page of the published version with this id and text, rendered when it was published."""
    html, contents = Version.objects.published().values_list("html", "contents").get(pk=version_id, text_hash=text_hash)
    return Page(html, contents)


def text_of(slug: str, number: int) -> str:
    """The Markdown of a published version of a document."""
    return Version.objects.published().values_list("text", flat=True).get(document__slug=slug, number=number)

"""What applies to a person and what of it waits for them, in one query for the front page and one for the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.utils import timezone

from guidance.models import APPLIES, Question, State, Version, about
from portal.people.models import Person, Role
from portal.postgres.base import rows

# The current version of every document that is not withdrawn.
CURRENT = """guidance_document AS document
JOIN LATERAL (
    SELECT * FROM guidance_version AS published
    WHERE published.document_id = document.id AND published.state = 'published' ORDER BY published.number DESC LIMIT 1
) AS version ON document.withdrawn_at IS NULL"""

LISTED = f"""
SELECT document.slug, document.title, version.number, version.acknowledge_by, mine.at
FROM {CURRENT}
LEFT JOIN guidance_acknowledgement AS mine ON mine.version_id = version.id AND mine.person_id = %(person)s
WHERE {APPLIES} AND (%(all)s OR mine.at IS NULL)
ORDER BY mine.at IS NOT NULL, version.acknowledge_by, document.title
"""  # noqa: S608 (made of constants alone)


@dataclass(frozen=True, slots=True)
class Listed:
    """One document that applies to a person. acknowledged_at is None while its current version waits for them."""

    slug: str
    title: str
    number: int
    acknowledge_by: date
    acknowledged_at: datetime | None

    @property
    def link(self) -> str:
        return f"/guidance/{self.slug}/"

    @property
    def overdue(self) -> bool:
        return self.overdue_on(timezone.localdate())

    def overdue_on(self, day: date) -> bool:
        return self.acknowledged_at is None and self.acknowledge_by < day


def waiting_for(person: Person) -> list[Listed]:
    """Documents whose current version this person has still to acknowledge, the earliest date first."""
    return _listed(person, everything=False)


def documents_for(person: Person) -> list[Listed]:
    """Every document that applies to this person, what waits first."""
    return _listed(person, everything=True)


def _listed(person: Person, *, everything: bool) -> list[Listed]:
    return [Listed(*row) for row in rows(LISTED, {**about(person), "all": everything})]


def questions_for(person: Person) -> list[tuple[str, str, int]]:
    """Address, title and number of unanswered questions of each document whose questions come to this person."""
    unanswered = Question.objects.answerable_by(person).to_answer()
    found = unanswered.values_list("version__document__slug", "version__document__title").annotate(many=Count("pk"))
    return list(found.order_by("version__document__title"))


def to_approve(person: Person) -> list[tuple[int, str, int]]:
    """Key, title and number of each version that waits for an approver, the oldest first; none that this person wrote."""
    if not person.has_role(Role.GUIDANCE_APPROVER):
        return []
    submitted = Version.objects.filter(state=State.SUBMITTED, document__withdrawn_at=None).exclude(author=person)
    return list(submitted.order_by("drafted_at").values_list("pk", "document__title", "number"))

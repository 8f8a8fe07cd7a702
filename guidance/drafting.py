"""Write a version, change it while it is a draft, and hand it over for approval."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Max

from guidance.models import Document, State, Version
from guidance.rendering import hash_of
from portal.people.models import Person
from portal.record.appending import append, now, person_actor


class CannotDraft(Exception):
    """Why this version cannot be written, changed or submitted, as a sentence for the author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What an author gives. text: Markdown. units: ids; with ranks and kinds they make the audience, and empty ones hold everybody."""

    text: str
    summary: str
    sentence: str
    acknowledge_by: date
    units: list[int] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


def draft(*, document_id: int, author: Person, wording: Wording) -> Version:
    """Begin the next version of a document. Raises CannotDraft while another one is not published yet."""
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=document_id)
        versions = Version.objects.filter(document=document)
        if versions.exclude(state=State.PUBLISHED).exists():
            raise CannotDraft("This document has a version that is not published yet. Change that one, or delete it first.")
        last = versions.aggregate(last=Max("number"))["last"] or 0
        version = Version(document=document, number=last + 1, author=author)
        return _write(version, wording)


def revise(*, version_id: int, author: Person, wording: Wording) -> Version:
    """Change a draft. Whoever changes it is its author from then on, so nobody approves their own words."""
    with transaction.atomic():
        version = _draft(version_id)
        version.author = author
        return _write(version, wording)


def submit(*, version_id: int, author: Person) -> Version:
    """Hand a draft over for approval; its text and the hash of it stand still from now on."""
    with transaction.atomic():
        version = _draft(version_id)
        if version.overdue_on(now().date()):
            raise CannotDraft("The acknowledge-by date has passed. Give readers a later one.")
        version.state, version.text_hash = State.SUBMITTED, hash_of(version.text)
        version.save(update_fields=["state", "text_hash"])
        append(
            kind="guidance.submitted",
            subject=f"document:{version.document_id}",
            actor=person_actor(author),
            facts={"version": version.number, "text_hash": version.text_hash},
        )
        return version


def discard(*, version_id: int) -> None:
    """Delete a draft that nobody needs."""
    with transaction.atomic():
        _draft(version_id).delete()


def _draft(version_id: int) -> Version:
    version = Version.objects.select_for_update().get(pk=version_id)
    if version.state != State.DRAFT:
        raise CannotDraft(
            "This version is published and cannot change. Start the next version instead."
            if version.state == State.PUBLISHED
            else "This version is waiting for approval. An approver can send it back to you."
        )
    return version


def _write(version: Version, wording: Wording) -> Version:
    version.text = wording.text.replace("\r\n", "\n").replace("\r", "\n")
    version.summary, version.sentence = wording.summary, wording.sentence
    version.acknowledge_by = wording.acknowledge_by
    version.units, version.ranks, version.kinds = sorted(wording.units), sorted(wording.ranks), sorted(wording.kinds)
    version.save()
    return version

"""Approve and publish a version, or send it back to its author. Publishing is final: the next change is the next version."""

from __future__ import annotations

from django.db import transaction

from guidance.models import Document, State, Version
from guidance.rendering import render
from portal.people.models import Person
from portal.record.appending import append, now, person_actor
from portal.record.canonical import Json


class CannotPublish(Exception):
    """Why this version cannot be published or sent back, as a sentence for the approver."""


def publish(*, version_id: int, approver: Person, text_hash: str) -> Version:
    """Publish the submitted version whose text the approver read: `text_hash` is the hash on the page they pressed the button on.

    Locks document, then version. Everyone in the audience has it waiting from the moment this commits; notices follow in the background.
    """
    with transaction.atomic():
        version = _submitted(version_id)
        at = now()
        if version.author_id == approver.pk:
            raise CannotPublish("You wrote this version. Somebody else must approve it.")
        if version.text_hash != text_hash:
            raise CannotPublish("The text changed after you opened it. Read it again before you publish it.")
        if version.overdue_on(at.date()):
            raise CannotPublish("The acknowledge-by date has passed. Send it back to the author for a later one.")
        page = render(version.text)
        version.html, version.contents = page.html, page.contents
        version.state, version.approver, version.published_at = State.PUBLISHED, approver, at
        version.save()
        _record("guidance.published", version, approver, _published_facts(version))
        return version


def send_back(*, version_id: int, approver: Person) -> Version:
    """Give a submitted version back to its author to change."""
    with transaction.atomic():
        version = _submitted(version_id)
        version.state = State.DRAFT
        version.save(update_fields=["state"])
        _record("guidance.sent_back", version, approver, {"version": version.number, "text_hash": version.text_hash})
        return version


def withdraw(*, document_id: int, by: Person) -> Document:
    """Stop showing a document and asking for it. Its versions and acknowledgements stay; a second time changes nothing."""
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=document_id)
        if document.withdrawn_at is None:
            document.withdrawn_at = now()
            document.save(update_fields=["withdrawn_at"])
            append(kind="guidance.withdrawn", subject=f"document:{document.pk}", actor=person_actor(by))
        return document


def _submitted(version_id: int) -> Version:
    document_id = Version.objects.values_list("document_id", flat=True).get(pk=version_id)
    document = Document.objects.select_for_update().get(pk=document_id)
    version = Version.objects.select_for_update().get(pk=version_id)
    if version.state != State.SUBMITTED:
        raise CannotPublish(f"This version is not waiting for approval. It is: {State(version.state).label.lower()}.")
    if document.withdrawn_at is not None:
        raise CannotPublish("This document was withdrawn.")
    return version


def _published_facts(version: Version) -> dict[str, Json]:
    return {
        "version": version.number,
        "text_hash": version.text_hash,
        "acknowledge_by": version.acknowledge_by.isoformat(),
        "author": str(version.author_id),
        "units": version.units,
        "ranks": version.ranks,
        "kinds": version.kinds,
    }


def _record(kind: str, version: Version, actor: Person, facts: dict[str, Json]) -> None:
    append(kind=kind, subject=f"document:{version.document_id}", actor=person_actor(actor), facts=facts)

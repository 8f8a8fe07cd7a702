"""Documents to test with, made by the verbs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from django.utils import timezone

from guidance.drafting import Wording, draft, submit
from guidance.models import Document, Version
from guidance.publishing import publish
from portal.people.models import Person, Unit
from portal.people.tests.factories import PersonFactory, UnitFactory

TEXT = "## Purpose\n\nYou may use WhatsApp with permission.\n\n## Help\n\nAsk your line manager.\n"


def officer(**fields: Any) -> Person:
    return cast("Person", PersonFactory(**fields))


def unit(code: str = "CN") -> Unit:
    return cast("Unit", UnitFactory(code=code))


def wording(**changes: Any) -> Wording:
    given: dict[str, Any] = {
        "text": TEXT,
        "summary": "It is new.",
        "sentence": "I have read the code.",
        "acknowledge_by": in_days(14),
    }
    return Wording(**{**given, **changes})


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def make_document(slug: str = "code", owner: Person | None = None, title: str = "The Code") -> Document:
    return Document.objects.create(slug=slug, title=title, owner=owner)


def make_submitted(document: Document, author: Person | None = None, **changes: Any) -> Version:
    author = author or officer()
    version = draft(document_id=document.pk, author=author, wording=wording(**changes))
    return submit(version_id=version.pk, author=author)


def make_published(document: Document | None = None, author: Person | None = None, **changes: Any) -> Version:
    """Publish the next version of `document`, or the first of a new one."""
    version = make_submitted(document or make_document(), author, **changes)
    return publish(version_id=version.pk, approver=officer(), text_hash=version.text_hash)

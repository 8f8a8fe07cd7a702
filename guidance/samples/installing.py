"""Put the sample guidance into an empty portal, through the same verbs as real guidance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import transaction

from guidance.drafting import Wording, draft, submit
from guidance.models import Document
from guidance.publishing import publish
from portal.people.models import Person
from portal.record.appending import now

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Sample:
    """One version. days: how long readers have to acknowledge it."""

    file: str
    summary: str
    sentence: str
    days: int


DOCUMENTS: dict[str, tuple[str, list[Sample]]] = {
    "information-code-of-conduct": (
        "Information Code of Conduct (sample)",
        [
            Sample(
                "code-of-conduct-1.md",
                "This is the first version. It brings the rules about handsets, messages and information into one place.",
                "I have read version 1 of the Information Code of Conduct and I understand what it asks of me.",
                30,
            ),
            Sample(
                "code-of-conduct-2.md",
                "WhatsApp now needs written permission from a chief inspector, for six months at most. A wrong message is reported before "
                "the end of the duty in which you saw it. A lost handset is reported within one hour. Chatbots are new in the code.",
                "I have read version 2 of the Information Code of Conduct and I understand what it asks of me.",
                7,
            ),
        ],
    ),
    "messaging-apps": (
        "Messaging apps: which one for what (sample)",
        [
            Sample(
                "messaging-apps-1.md",
                "This note is new. It says in one page which app to use for which message, and whom to ask.",
                "I have read the note on messaging apps and I know which app to use for what.",
                21,
            )
        ],
    ),
}


def install_samples(*, author: Person, approver: Person) -> list[Document]:
    """Publish the sample documents that are not there yet and return them; a second run changes nothing."""
    with transaction.atomic():
        return [
            _install(slug, title, versions, author, approver)
            for slug, (title, versions) in DOCUMENTS.items()
            if not Document.objects.filter(slug=slug).exists()
        ]


def _install(slug: str, title: str, versions: list[Sample], author: Person, approver: Person) -> Document:
    document = Document.objects.create(slug=slug, title=title, owner=author)
    for sample in versions:
        version = draft(document_id=document.pk, author=author, wording=_wording(sample))
        submitted = submit(version_id=version.pk, author=author)
        publish(version_id=version.pk, approver=approver, text_hash=submitted.text_hash)
    return document


def _wording(sample: Sample) -> Wording:
    return Wording(
        text=(HERE / sample.file).read_text(encoding="utf-8"),
        summary=sample.summary,
        sentence=sample.sentence,
        acknowledge_by=(now() + timedelta(days=sample.days)).date(),
    )

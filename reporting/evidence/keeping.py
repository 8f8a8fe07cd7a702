"""Files that show what was sent: kept byte for byte, shown as a copy drawn anew."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import BinaryIO, cast

from django.core.files.base import File
from django.db import transaction
from pypdfium2 import PdfiumError

from portal.people.models import Person
from portal.record.appending import append, person_actor
from portal.vault.files import forget, open_file, store_file
from portal.vault.sealing import open_sealed, read_text, seal
from reporting.drafts.drafting import lock_draft
from reporting.evidence.inspecting import MOST_FILES, UNREADABLE, BadFile, inspect
from reporting.evidence.previews import preview as draw
from reporting.models import Attachment, Report

LONGEST_NAME = 100
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")  # also marks that turn text around


@dataclass(frozen=True, slots=True)
class Checked:
    """An upload that was let through, with its preview drawn and not yet kept."""

    file: File[bytes]
    name: str
    size: int
    media_type: str
    preview_type: str
    preview: bytes


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was sent."""

    name: str
    media_type: str
    data: bytes


def check(file: File[bytes]) -> Checked:
    """Inspect an upload and draw its preview; slow, so done before any transaction. Raises BadFile with a sentence for the officer."""
    name, size = tidy_name(file.name or ""), file.size or 0
    media_type = inspect(cast("BinaryIO", file), name=name, size=size)
    try:
        preview_type, preview = draw(cast("BinaryIO", file), media_type)
    except (*UNREADABLE, PdfiumError) as error:
        raise BadFile(f"“{name}” is damaged. Attach the original file.") from error
    return Checked(file, name, size, media_type, preview_type if preview else "", preview)


def digest(checked: Checked) -> str:
    """Tells this file from others."""
    checked.file.seek(0)
    seen = sha256()
    for chunk in checked.file.chunks():
        seen.update(chunk)
    return seen.hexdigest()


def tidy_name(name: str) -> str:
    """A file's own name without its path, without marks that hide its ending, and not too long."""
    path = PurePath(UNSEEN.sub("", name.replace("\\", "/").rpartition("/")[2]).strip() or "file")
    return path.stem[: LONGEST_NAME - len(path.suffix[:10])] + path.suffix[:10]


def attach(*, reporter: Person, draft_id: uuid.UUID, files: Iterable[Checked]) -> None:
    """Keep files with a draft; one that is there already is left out. Raises DraftGone, and BadFile where there would be too many."""
    with transaction.atomic():
        draft = lock_draft(reporter=reporter, draft_id=draft_id)
        kept = list(draft.attachments.all())
        for checked in files:
            if not any(_same(checked, other) for other in kept):
                kept.append(keep(checked, container=draft.container, so_far=len(kept), draft_id=draft.pk))


def keep(
    checked: Checked, *, container: uuid.UUID, so_far: int, draft_id: uuid.UUID | None = None, report: Report | None = None
) -> Attachment:
    """Seal one file inside the caller's transaction. Raises BadFile where `so_far` is already the most."""
    if so_far >= MOST_FILES:
        raise BadFile(f"You can attach {MOST_FILES} files. Remove one before you add “{checked.name}”.")
    key = uuid.uuid4()
    checked.file.seek(0)
    commitment = store_file(container=container, name=f"file-{key}", chunks=checked.file.chunks())
    seal(container=container, values={f"preview-{key}": checked.preview, f"name-{key}": checked.name})
    return Attachment.objects.create(
        pk=key,
        draft_id=draft_id,
        report=report,
        container=container,
        media_type=checked.media_type,
        size=checked.size,
        preview_type=checked.preview_type,
        commitment=commitment,
    )


def remove(*, reporter: Person, draft_id: uuid.UUID, attachment_id: uuid.UUID) -> None:
    """Take a file back out of a draft; nothing happens where it is gone already. Raises DraftGone."""
    with transaction.atomic():
        draft = lock_draft(reporter=reporter, draft_id=draft_id)
        if draft.attachments.filter(pk=attachment_id).delete()[0]:
            forget(container=draft.container, names=[f"{part}-{attachment_id}" for part in ("file", "preview", "name")])


def preview(attachment: Attachment) -> bytes:
    """The safe copy. Whoever asks has been let into the report or draft already."""
    key = f"preview-{attachment.pk}"
    return open_sealed(attachment.container, key)[key]


def names(attachments: Iterable[Attachment]) -> dict[uuid.UUID, str]:
    """The names that files of one report or draft came with."""
    listed = list(attachments)
    if not listed:
        return {}
    read = read_text(listed[0].container, *(f"name-{attachment.pk}" for attachment in listed))
    return {attachment.pk: read[f"name-{attachment.pk}"] for attachment in listed}


def original(*, person: Person, attachment: Attachment, why: str) -> Original:
    """The file as it was sent, for somebody who may see the report, with who, when and why kept in the record. Raises Erased."""
    report = attachment.report
    if report is None:
        raise ValueError("a draft's files have not been sent to anybody")
    with transaction.atomic():
        sealed = seal(container=attachment.container, values={f"consulted-{uuid.uuid4()}": why})
        append(
            kind="evidence.consulted",
            subject=report.consultations,
            actor=person_actor(person),
            facts={"report": str(report.pk), "attachment": str(attachment.pk)},
            sealed=sealed,
        )
        data = open_file(attachment.container, f"file-{attachment.pk}")
        return Original(names([attachment])[attachment.pk], attachment.media_type, data)


def _same(checked: Checked, other: Attachment) -> bool:
    if (checked.size, checked.media_type) != (other.size, other.media_type):
        return False
    checked.file.seek(0)
    return bool(checked.file.read() == open_file(other.container, f"file-{other.pk}"))

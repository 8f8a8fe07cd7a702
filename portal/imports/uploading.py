"""Keeping an uploaded file between its preview and its import: sealed, for its uploader alone, and not for long."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import timedelta
from typing import BinaryIO

from django.db import transaction
from django.db.models import Q

from portal.imports.models import Upload
from portal.people.models import Person
from portal.record.appending import now
from portal.vault.files import open_file, store_file
from portal.vault.sealing import erase, open_container

KEPT = timedelta(days=1)
NAME = "file"


@transaction.atomic
def keep(*, what: str, by: Person, chunks: Iterable[bytes]) -> Upload:
    """Seal a file for its preview. The uploader's earlier one of the kind goes, and everybody's that are a day old."""
    for old in Upload.objects.filter(Q(by=by, what=what) | Q(at__lt=now() - KEPT)):
        _drop(old)
    container = open_container(purpose="import")
    store_file(container=container, name=NAME, chunks=chunks)
    return Upload.objects.create(what=what, by=by, container=container)


def opened(upload: Upload) -> BinaryIO:
    """The file as it came."""
    return io.BytesIO(open_file(upload.container, NAME))


@transaction.atomic
def discard(*, upload: Upload) -> None:
    """Destroy the file and forget it was there."""
    _drop(upload)


def _drop(upload: Upload) -> None:
    erase(upload.container)
    upload.delete()

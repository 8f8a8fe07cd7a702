"""Sweep: remove sealed files that nothing leads to any more: of an erased container, or stored by a transaction that did not commit.

Unlinking follows the commit, so a crash between the two leaves a file. It is noise once its container's key is gone, and goes all the same.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.conf import settings

from portal.postgres.base import rows
from portal.record import places, state

log = logging.getLogger(__name__)
NAME = re.compile(r"([0-9a-f]{32})-([0-9a-f]{24})")
BATCH = 1_000
NOT_YET = timedelta(hours=1)  # longer than any transaction: a file is on the disk before its row can be seen
STRAY = """
SELECT file.name, container.id IS NULL
FROM unnest(%b::text[], %b::uuid[], %b::bytea[]) AS file (name, container, nonce)
LEFT JOIN vault_container AS container ON container.id = file.container
LEFT JOIN vault_item AS item
    ON item.container_id = container.id AND item.nonce = file.nonce AND item.sealed IS NULL AND container.erased_at IS NULL
WHERE item.id IS NULL
"""
PLACED = "SELECT coalesce(max(size), 0) FROM record_treehead"


class DatabaseBehind(Exception):
    """The database is older than the record's last signature: rows that lead to files may be missing, so nothing is removed."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many files were removed, and how many were left because the database has never heard of their container."""

    removed: int
    unknown: int


def sweep_files(*, older_than: timedelta = NOT_YET) -> Swept:
    """Remove files older than `older_than` whose container is erased or whose row is gone. Doing it twice does no harm.

    A container that the database does not know is a sign of the wrong database beside these files: they are left and counted.
    Raises DatabaseBehind for a database that was put back to an older state.
    """
    if rows(PLACED)[0][0] < state.read(places.state()).size:
        raise DatabaseBehind("the database holds fewer facts than were signed: reconcile the record before sealed files are swept")
    removed, unknown = 0, 0
    files = _files(time.time() - older_than.total_seconds())
    while by_name := {path.name: path for path in islice(files, BATCH)}:
        for name, is_unknown in _strays(by_name):
            unknown += is_unknown
            if not is_unknown:
                by_name[name].unlink(missing_ok=True)
                removed += 1
    if unknown:
        log.warning("%d sealed files belong to no container of this database and were left", unknown)
    return Swept(removed, unknown)


def _files(before: float) -> Iterator[Path]:
    for path in Path(settings.VAULT_FILES).glob("??/*"):
        if NAME.fullmatch(path.name) and path.stat().st_mtime < before:
            yield path


def _strays(by_name: dict[str, Path]) -> list[tuple[str, bool]]:
    parts = [name.split("-") for name in by_name]
    return [
        (name, unknown)
        for name, unknown in rows(
            STRAY, [list(by_name), [uuid.UUID(container) for container, _ in parts], [bytes.fromhex(nonce) for _, nonce in parts]]
        )
    ]

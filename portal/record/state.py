"""What the signer knows of itself: the last checkpoint it signed, in a file of its own that only moves forward.

The file is the signer's memory against a database that was put back or rewritten. It is compared and swapped under a lock, and is on
the disk before the checkpoint is published anywhere.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portal.record.canonical import canonical
from portal.record.checkpoints import Checkpoint, parse_signed
from portal.record.disk import replace
from portal.record.notes import BadNote, Note
from portal.record.tree import EMPTY_ROOT


class Unreadable(Exception):
    """The signer's state is not as it wrote it. Nothing is signed until somebody looks; the text says what."""


class Overtaken(Exception):
    """Somebody else signed meanwhile."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The last thing signed. `at`: seconds since 1970, by the database's clock; `note` empty and `size` 0 before the first."""

    shard: int = 1
    size: int = 0
    root: bytes = field(default=EMPTY_ROOT)
    at: int = 0
    note: str = ""

    def origin(self, base: str) -> str:
        """The log's name: what it signed under, or before that `base`, and the number of the shard from the second on.

        A log keeps its name though the portal's address changes: receipts and witnesses know it by that name.
        """
        if self.note:
            return self.note.partition("\n")[0]
        return base if self.shard == 1 else f"{base}/{self.shard}"


def read(path: Path) -> Signed:
    """Raises Unreadable."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return Signed()
    try:
        kept = json.loads(text)
        shard, at, note = kept["shard"], kept["at"], kept["note"]
        if canonical({"shard": shard, "at": at, "note": note}) + "\n" != text:
            raise ValueError
        checkpoint: Checkpoint | None = None
        if note:
            checkpoint, _ = parse_signed(note)
    except (ValueError, KeyError, TypeError, BadNote) as error:
        raise Unreadable(f"{path} is not a state this signer wrote: put back the file from a copy, or open a new shard") from error
    if checkpoint is None:
        return Signed(shard=shard, at=at)
    return Signed(shard, checkpoint.size, checkpoint.root, at, note)


def swap(path: Path, *, old: Signed, new: Signed) -> None:
    """Write `new` if the file still says `old`. Raises Overtaken, and ValueError for a step back."""
    if (new.shard, new.size, new.at) < (old.shard, old.size, old.at):
        raise ValueError("the signer's state only moves forward")
    with _locked(path):
        if read(path) != old:
            raise Overtaken
        _write(path, new)


def put_right(path: Path, new: Signed) -> None:
    """Write `new` whatever the file says: for an operator who has looked, where the state was lost or another shard begins."""
    with _locked(path):
        _write(path, new)


def _write(path: Path, new: Signed) -> None:
    replace(path, f"{canonical({'shard': new.shard, 'at': new.at, 'note': new.note})}\n".encode())


def signed(old: Signed, checkpoint: Checkpoint, note: Note, at: int) -> Signed:
    """What follows `old` once `note` is signed."""
    return Signed(old.shard, checkpoint.size, checkpoint.root, at, str(note))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

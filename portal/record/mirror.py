"""The mirror: every leaf once more, in plain files beside the database, on the disk before a checkpoint that covers it is signed.

`leaves/000000.jsonl` holds the first million leaves, one a line (JSON escapes line breaks), and so on. A database that was put back to an
older day is rolled forward from it. Only whoever holds the sequencer's lock writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from portal.record.disk import sync_directory

LEAVES_PER_FILE = 1_000_000


class Mirror:
    """The files in `home`, which is made by `grow`. `per_file`: leaves in each, the same for the life of a mirror."""

    def __init__(self, home: Path, per_file: int = LEAVES_PER_FILE) -> None:
        self.home = home
        self.per_file = per_file

    def size(self) -> int:
        """Whole leaves in it, counted: a line that a crash cut short is not one."""
        files = self._files()
        if not files:
            return 0
        with files[-1].open("rb") as last:
            return (len(files) - 1) * self.per_file + sum(piece.count(b"\n") for piece in iter(lambda: last.read(1 << 20), b""))

    def grow(self, size: int, leaves: Sequence[str]) -> None:
        """Add leaves after the first `size`, and put them on the disk."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        at = 0
        while at < len(leaves):
            number, taken = divmod(size + at, self.per_file)
            some = leaves[at : at + self.per_file - taken]
            self._append(number, some)
            at += len(some)

    def read(self, start: int = 0) -> Iterator[str]:
        """Leaves from number `start` on."""
        number, skipped = divmod(start, self.per_file)
        for path in self._files()[number:]:
            with path.open(encoding="utf-8", newline="\n") as file:
                for line in islice(file, skipped, None):
                    if line.endswith("\n"):
                        yield line[:-1]
            skipped = 0

    def cut(self, size: int) -> None:
        """Forget what is beyond `size` leaves: what was written and never signed."""
        number, kept = divmod(size, self.per_file)
        for path in self._files()[number + 1 :]:
            path.unlink()
        if (path := self._path(number)).exists():
            with path.open("rb+") as file:
                for _ in range(kept):
                    file.readline()
                file.truncate(file.tell())
                os.fsync(file.fileno())

    def _append(self, number: int, leaves: Sequence[str]) -> None:
        path = self._path(number)
        fresh = not path.exists()
        with path.open("ab") as file:
            file.write("".join(f"{leaf}\n" for leaf in leaves).encode())
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            sync_directory(self.home)

    def _files(self) -> list[Path]:
        return sorted(self.home.glob("[0-9]*.jsonl"))

    def _path(self, number: int) -> Path:
        return self.home / f"{number:06}.jsonl"

"""The tree's hashes in files, one for each level of tiles (c2sp.org/tlog-tiles@v1.0.0), and proofs read from them.

File `n` holds, 32 bytes each, the roots of the perfect subtrees of 256ⁿ leaves, in order: 256 of them side by side are one tile, and
the last ones a partial tile. Files only grow. Whoever writes holds the sequencer's lock; readers never look beyond the size they ask for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from portal.record.proofs import consistency_proof, inclusion_proof
from portal.record.tree import EMPTY_ROOT, HASH_BYTES, node_hash

WIDTH_BITS = 8
WIDTH = 1 << WIDTH_BITS
LEVELS = 7  # 256⁷ leaves are more than an index may say


class Missing(LookupError):
    """The files do not reach as far as was asked."""


class Tiles:
    """The files in `home`, which is made by `grow`."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def size(self) -> int:
        """Leaves that the files hold."""
        try:
            return (self.home / "0").stat().st_size // HASH_BYTES
        except FileNotFoundError:
            return 0

    def grow(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes at the end, the tiles above as they fill, and put both on the disk."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o755)
        hashes: Sequence[bytes] = leaves
        for level in range(LEVELS):
            if not hashes:
                return
            before = self._append(level, hashes)
            hashes = [self._whole_tile(level, tile) for tile in range(before // WIDTH, (before + len(hashes)) // WIDTH)]

    def cut(self, size: int) -> None:
        """Forget what is beyond `size` leaves: what was written and never signed."""
        for level in range(LEVELS):
            path, kept = self._path(level), (size >> WIDTH_BITS * level) * HASH_BYTES
            if path.exists() and path.stat().st_size > kept:
                os.truncate(path, kept)

    def tile(self, level: int, number: int, width: int = WIDTH) -> bytes:
        """`width` hashes of tile `number` at `level`, as tlog-tiles serves them. Raises Missing."""
        return self._read(level, number * WIDTH, width)

    def leaves(self, first: int, many: int) -> bytes:
        """The hashes of `many` leaves from number `first` on, side by side. Raises Missing."""
        return self._read(0, first, many)

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves. Raises Missing."""
        return self.root_of(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The audit path of leaf `index` in the tree of `size`. Raises Missing, and ValueError out of range."""
        return inclusion_proof(index, size, self.root_of)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof from the tree of `old` leaves to that of `new`. Raises as `inclusion`."""
        return consistency_proof(old, new, self.root_of)

    def root_of(self, start: int, end: int) -> bytes:
        """The Merkle tree hash of leaves `start` up to `end`, a subtree of some tree: a start that its width divides."""
        root = b""
        for level, first, many in reversed(list(_parts(start, end))):
            part = _fold(self._read(level, first, many))
            root = node_hash(part, root) if root else part
        return root

    def _append(self, level: int, hashes: Sequence[bytes]) -> int:
        """Put hashes at the end of a level; return how many there were before."""
        with self._path(level).open("ab") as file:
            before = file.tell() // HASH_BYTES
            file.write(b"".join(hashes))
            file.flush()
            os.fsync(file.fileno())
        return before

    def _whole_tile(self, level: int, number: int) -> bytes:
        return _fold(self._read(level, number * WIDTH, WIDTH))

    def _read(self, level: int, first: int, many: int) -> bytes:
        """A proof reads some thirty times: opening by descriptor costs a third of what a Path's file object does."""
        try:
            file = os.open(f"{self.home}/{level}", os.O_RDONLY)
        except FileNotFoundError:
            found = b""
        else:
            try:
                found = os.pread(file, many * HASH_BYTES, first * HASH_BYTES)
            finally:
                os.close(file)
        if len(found) != many * HASH_BYTES or not many:
            raise Missing(f"level {level} does not hold {many} hashes from {first}")
        return found

    def _path(self, level: int) -> Path:
        return self.home / str(level)


def _parts(start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Perfect subtrees that make up leaves `start` to `end`, largest first: (level of file, first hash, how many of them make it)."""
    while start < end:
        height = (end - start).bit_length() - 1
        level = min(height // WIDTH_BITS, LEVELS - 1)
        yield level, start >> WIDTH_BITS * level, 1 << height - WIDTH_BITS * level
        start += 1 << height


def _fold(hashes: bytes) -> bytes:
    """The root of a perfect subtree from its hashes, whose number is a power of two."""
    digest, two = sha256, 2 * HASH_BYTES
    while len(hashes) > HASH_BYTES:
        hashes = b"".join([digest(b"\x01" + hashes[at : at + two]).digest() for at in range(0, len(hashes), two)])
    return hashes

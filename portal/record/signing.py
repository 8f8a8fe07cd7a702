"""Sign checkpoints: mirror what was sequenced, prove that the tree only grew, sign, remember, publish; in that order.

A crash between any two steps loses nothing: unsigned leaves are mirrored again, and a checkpoint that was remembered and not published
is published by the next round. Nothing is signed over a tree that does not continue the last one signed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from portal.record import keys, places, state
from portal.record.checkpoints import Checkpoint
from portal.record.leaves import LEAF
from portal.record.notes import Note, cosign, sign
from portal.record.proofs import WrongProof, check_consistency
from portal.record.tree import EMPTY_ROOT, leaf_hash

IDLE_SECONDS = 45  # so that a checkpoint is never a minute old while the clock runs
PAGE = 5_000

HEAD = "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint, size, root FROM record_treehead ORDER BY size DESC LIMIT 1"
LEAVES = f"SELECT {LEAF}, leaf_hash FROM record_fact WHERE leaf_index >= %s AND leaf_index < %s ORDER BY leaf_index"  # noqa: S608
PUBLISHED = "SELECT note FROM record_checkpoint ORDER BY id DESC LIMIT 1"
PUBLISH = "INSERT INTO record_checkpoint (size, root, note, signed_at) VALUES (%s, %s, %s, %s)"


class Diverged(Exception):
    """The database's tree does not continue the last one signed: rows were changed, or an older database was put back."""


class Forgotten(Exception):
    """Checkpoints were published, and the signer's state that remembers them is gone."""


class Signer:
    """Signs for the log `base`. One at a time: whoever calls holds the sequencer's lock."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.tiles, self.mirror = places.tiles(), places.mirror()
        self.last, self._published, self._recovered = state.read(places.state()), False, False

    def sign(self, connection: Connection[Any]) -> bool:
        """Sign what was sequenced since, or the same again once it is `IDLE_SECONDS` old; whether anything was signed.

        `connection` logs in as the sequencer role. Raises Diverged, Forgotten, state.Overtaken, state.Unreadable and keys.UnusableKey.
        """
        now, size, root = self.head(connection)
        self._recover()
        self._publish_last(connection)
        if size == 0 or (size == self.last.size and now - self.last.at < IDLE_SECONDS):
            return False
        self._mirror(connection, size)
        self._check(size, root)
        self._sign(connection, Checkpoint(self.last.origin(self.base), size, root), max(now, self.last.at))
        return True

    def head(self, connection: Connection[Any]) -> tuple[int, int, bytes]:
        """The database's time in seconds since 1970, and its tree's size and root.

        Raises Diverged for less than what was signed, and Forgotten where nobody knows what was.
        """
        row = connection.execute(HEAD).fetchone()
        now, size, root = (row[0], row[1], bytes(row[2])) if row else (0, 0, EMPTY_ROOT)
        if self.last == state.Signed() and not places.state().exists() and connection.execute(PUBLISHED).fetchone():
            raise Forgotten("checkpoints were published, but the signer's state is gone: nothing is signed until it is put right")
        if size < self.last.size:
            raise Diverged(f"the database holds a tree of {size} facts, but {self.last.size} were signed")
        if size == self.last.size and root != self.last.root:
            raise Diverged(f"the tree of {size} facts is not the one that was signed")
        return now, size, root

    def _recover(self) -> None:
        """What lies beyond the last signed leaf may have been written for a tree that never came to be.

        Cut only once the database is known to continue what was signed: before that, the mirror may be the one copy there is.
        """
        if self._recovered:
            return
        self._recovered = True
        self.mirror.cut(self.last.size)
        self.tiles.cut(self.last.size)
        self._mirrored, self._tiled = self.mirror.size(), self.tiles.size()

    def _mirror(self, connection: Connection[Any], size: int) -> None:
        """Bring the mirror and the tiles up to `size`, either of them from wherever it stands."""
        while (start := min(self._mirrored, self._tiled)) < size:
            rows = connection.execute(LEAVES, [start, min(start + PAGE, size)]).fetchall()
            if len(rows) != min(PAGE, size - start):
                raise Diverged(f"facts are missing from the tree between leaf {start} and leaf {start + PAGE}")
            leaves = [row[0] for row in rows]
            hashes = [leaf_hash(leaf.encode()) for leaf in leaves]
            for number, (row, real) in enumerate(zip(rows, hashes, strict=True), start):
                if bytes(row[1]) != real:
                    raise Diverged(f"leaf {number} does not have the hash of its text")
            self._grow(start, leaves, hashes)

    def _grow(self, start: int, leaves: list[str], hashes: list[bytes]) -> None:
        end = start + len(leaves)
        known = min(self._tiled, end) - start
        if known > 0 and self.tiles.leaves(start, known) != b"".join(hashes[:known]):
            raise Diverged(f"leaves {start} to {start + known - 1} are not those that were signed")
        if self._mirrored < end:
            self.mirror.grow(self._mirrored, leaves[self._mirrored - start :])
            self._mirrored = end
        if self._tiled < end:
            self.tiles.grow(hashes[self._tiled - start :])
            self._tiled = end

    def _check(self, size: int, root: bytes) -> None:
        if self.tiles.root(size) != root:
            raise Diverged(f"the leaves of a tree of {size} facts do not give the root that the database kept")
        path = self.tiles.consistency(self.last.size, size)
        try:
            check_consistency(old=self.last.size, new=size, old_root=self.last.root, new_root=root, path=path)
        except WrongProof as error:
            raise Diverged(f"the tree of {size} facts does not continue the signed one of {self.last.size}") from error

    def _sign(self, connection: Connection[Any], checkpoint: Checkpoint, at: int) -> None:
        text, name = str(checkpoint), checkpoint.origin
        signers = keys.log_keys()
        plain = [sign(text, name=name, private=key) for key in signers]
        timed = [cosign(text, name=name, private=key, at=at) for key in signers]
        fresh = state.signed(self.last, checkpoint, Note(text, (*plain, *timed)), at)
        state.swap(places.state(), old=self.last, new=fresh)
        self.last, self._published = fresh, False
        self._publish_last(connection)

    def _publish_last(self, connection: Connection[Any]) -> None:
        """Publish what was remembered, unless it was: a crash may have come between."""
        if self.last.note and not self._published:
            row = connection.execute(PUBLISHED).fetchone()
            if row is None or row[0] != self.last.note:
                at = datetime.fromtimestamp(self.last.at, UTC)
                connection.execute(PUBLISH, [self.last.size, self.last.root, self.last.note, at])
        self._published = True

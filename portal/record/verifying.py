"""Recompute the whole record from its rows, and hold it against all that was signed: name the first fact that disagrees.

Compared are every column with its leaf, every leaf with its hash, the tree with its heads and with every checkpoint, chains, the last
checkpoint's signature, the signer's own state, the mirror of leaves, and what other rooms registered (`cross_checks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db import DataError
from psycopg import Connection

from portal.record import cross_checks, keys, places
from portal.record.agreeing import Disagreement, Row, Walk, disagreements
from portal.record.checkpoints import OF_THIS_SHARD, parse_signed
from portal.record.notes import COSIGNATURE, BadNote, Key, signed_by
from portal.record.snapshots import snapshot
from portal.record.state import Signed, Unreadable
from portal.record.tree import leaf_hash

LAST_SIGNED = f"SELECT note, size, root FROM record_checkpoint AS kept WHERE {OF_THIS_SHARD} ORDER BY id DESC LIMIT 1"  # noqa: S608
COUNTS = "SELECT (SELECT count(*) FROM record_fact WHERE leaf_index IS NULL), (SELECT count(*) FROM record_chain)"
HEAD = "SELECT root FROM record_treehead WHERE size = %s"


class Mismatch(Exception):
    """The record does not agree with itself; the text says where. `code` is the kind of it, for facts and figures."""

    def __init__(self, code: str, said: str, *, size: int = 0, root: bytes = b"") -> None:
        super().__init__(said)
        self.code, self.size, self.root = code, size, root


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked: facts in the tree and how many of them are signed, the root, facts that wait for a place, and subjects."""

    size: int
    signed: int
    root: bytes
    waiting: int
    subjects: int


def verify() -> Verified:
    """Check everything in one snapshot. Raises Mismatch for the first that disagrees, and Busy where the clock does not end its round.

    Memory stays the same however long the record is.
    """
    try:
        with snapshot() as (connection, signed):
            return _verify(connection, signed)
    except Unreadable as error:
        raise Mismatch("state", str(error)) from error


def _verify(connection: Connection[Any], signed: Signed) -> Verified:
    mirrored = Mirrored(signed.size)
    walk = Walk(connection, mirrored.compare)
    walked = _first(walk.disagreements())  # to its end: the tree, and what the mirror says, are whole only then
    found = _first(disagreements(connection), walked, mirrored.found)
    size, root = walk.frontier.size, walk.frontier.root()
    for one in (found, *_signatures(connection, signed, size), *_rooms()):
        if one is not None:
            raise Mismatch(one.code, one.said, size=size, root=root)
    waiting, subjects = _row(connection, COUNTS) or (0, 0)
    return Verified(size, signed.size, root, waiting, subjects)


def _first(found: Iterable[Disagreement], *others: Disagreement | None) -> Disagreement | None:
    """The first of the tree; at one place a fact before a tree head or checkpoint, which says only that something under it changed."""
    named = chain(found, (other for other in others if other is not None))
    return min(named, key=lambda one: (one.index, one.table != "record_fact"), default=None)


@dataclass
class Mirrored:
    """Holds the mirror against the leaves as they are read. `size`: leaves that were signed and so were mirrored first."""

    size: int
    found: Disagreement | None = None
    at: int = 0
    lines: Iterator[str] = field(default_factory=lambda: places.mirror().read())

    def compare(self, _page: list[Row], hashes: list[bytes]) -> None:
        for real in hashes[: max(self.size - self.at, 0)]:
            line = next(self.lines, None)
            if self.found is None and (line is None or leaf_hash(line.encode()) != real):
                said = "is missing from the mirror" if line is None else "is not the one that was mirrored before it was signed"
                self.found = Disagreement("record_fact", "mirror", f"the fact at place {self.at} of the tree {said}", index=self.at)
            self.at += 1


def _signatures(connection: Connection[Any], signed: Signed, size: int) -> Iterator[Disagreement]:
    """The last checkpoint published and the signer's state, against the tree that was recomputed and against each other."""
    last = connection.execute(LAST_SIGNED).fetchone()
    if last is not None:
        yield from _checkpoint(last[0], signed)
    if signed.size > size:
        yield Disagreement("signer", "state", f"the signer signed a tree of {signed.size} facts, but the database holds {size}")
    elif signed.size and _row(connection, HEAD, signed.size) != (signed.root,):
        yield Disagreement("signer", "state", f"the tree of {signed.size} facts is not the one that the signer remembers")
    if last is None and signed.note:
        yield Disagreement("signer", "state", "checkpoints were signed, but none of them is in the database")
    elif last is not None and last[1] > signed.size:
        said = f"a checkpoint of {last[1]} facts was published, but the signer remembers no more than {signed.size}"
        yield Disagreement("signer", "state", said)


def _checkpoint(text: str, signed: Signed) -> Iterator[Disagreement]:
    try:
        checkpoint, note = parse_signed(text)
        trusted = [key for key in keys.public_keys(checkpoint.origin) if key.name == checkpoint.origin]
        timed = [Key(key.name, COSIGNATURE, key.public) for key in trusted]
        found = {key.kind for key in signed_by(note, [*trusted, *timed])}
        good = len(found) == 2 and (not signed.note or checkpoint.origin == signed.note.partition("\n")[0])
        said = "the last checkpoint is not signed with the key of the record"
    except BadNote as error:
        good, said = False, f"the last checkpoint is not good: {error}"
    if not good:
        yield Disagreement("record_checkpoint", "signature", said)


def _rooms() -> Iterator[Disagreement]:
    """A fact that no room wrote can be of any shape: one that stops a comparison is found too, or it would hide the rest."""
    for name, check in cross_checks.registered().items():
        try:
            for said in check():
                yield Disagreement(name, "room", said)
        except (DataError, ValueError, LookupError, TypeError, RecursionError) as error:
            said = f"{name} could not be held against the record: it holds what nobody can read ({type(error).__name__})"
            yield Disagreement(name, "room", said)


def _row(connection: Connection[Any], query: str, *given: Any) -> tuple[Any, ...] | None:
    return connection.execute(query.encode(), given).fetchone()

"""What the portal says in its own name: promises of a proof, and words for people to read (docs/record-format.md, "A receipt").

Both are notes signed by the portal key, which signs no checkpoint: it vouches for what was said, not for what is in the tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from portal.record import keys
from portal.record.canonical import Json, canonical, iso
from portal.record.notes import NOTE, Key, Note, encode64, public_key, sign


def portal_key(origin: str) -> Key:
    """The key that both are checked with."""
    return public_key(keys.portal_name(origin), NOTE, keys.private_key(keys.PORTAL))


def promise(*, origin: str, leaf_hash: bytes, at: datetime, by: datetime) -> str:
    """A signed note: a proof for the fact with this leaf hash, written at `at`, will exist by `by`."""
    return _signed(origin, f"promise {encode64(leaf_hash)} {iso(at)} {iso(by)}")


def attest(*, origin: str, words: Mapping[str, Json], leaves: Sequence[bytes]) -> str:
    """A signed note that commits to `words` and to the leaf hashes they are about, in order: on another paper the words do not fit."""
    said, about = sha256(canonical(words).encode()).digest(), sha256(b"".join(leaves)).digest()
    return _signed(origin, f"words {encode64(said)} {encode64(about)}")


def _signed(origin: str, line: str) -> str:
    name = keys.portal_name(origin)
    text = f"{name}\n{line}\n"
    return str(Note(text, (sign(text, name=name, private=keys.private_key(keys.PORTAL)),)))

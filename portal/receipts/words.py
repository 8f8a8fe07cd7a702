"""What receipts and statements have in common: the checkpoint with the keys that signed it, and words that the portal signs.

The form of both is docs/record-format.md's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from portal.receipts.attesting import attest, portal_key
from portal.record import keys, published
from portal.record.canonical import Json
from portal.record.checkpoints import parse_signed
from portal.record.notes import COSIGNATURE, Key, Note
from portal.record.tiles import Tiles
from portal.witness.standing import configured


@dataclass(frozen=True, slots=True)
class Covering:
    """A signed checkpoint: `note` holds the lines of known keys alone, and `keys` are those, in the order in which they first sign."""

    origin: str
    size: int
    root: bytes
    note: str
    keys: tuple[Key, ...]
    signed_at: datetime

    def path(self, tiles: Tiles, index: int) -> list[bytes]:
        """The audit path of the leaf at `index`, from its sibling upwards. Raises as `Tiles.inclusion`."""
        return tiles.inclusion(index, self.size)

    def vkeys(self) -> list[str]:
        """As `keys` of a receipt: whoever signed the checkpoint, then the portal."""
        return [*(str(key) for key in self.keys), str(portal_key(self.origin))]

    def worded(self, words: Mapping[str, Json], leaves: Sequence[bytes]) -> dict[str, Json]:
        """The members `words` and `words_note`, about the leaves with these hashes."""
        return {"words": words, "words_note": attest(origin=self.origin, words=words, leaves=leaves)}


def covering(index: int) -> Covering | None:
    """The newest checkpoint with the witnesses' lines, or None while it does not cover the leaf at `index`."""
    newest = published.newest()
    if newest is None or newest.size <= index:
        return None
    checkpoint, note = parse_signed(published.full_note(newest))
    known = {(key.name, key.key_id): key for key in signers(checkpoint.origin)}
    kept = replace(note, lines=tuple(line for line in note.lines if (line.name, line.key_id) in known))
    return Covering(checkpoint.origin, checkpoint.size, checkpoint.root, str(kept), _in_order(kept, known), newest.signed_at)


def signers(origin: str) -> list[Key]:
    """Every key whose line may stand under a checkpoint: the log's, of both types, and those of the witnesses in the policy."""
    log = [key for key in keys.public_keys(origin) if key.name == origin]
    return [*log, *(Key(key.name, COSIGNATURE, key.public) for key in log), *(one.key for one in configured().witnesses.values())]


def _in_order(note: Note, known: Mapping[tuple[str, bytes], Key]) -> tuple[Key, ...]:
    return tuple({(line.name, line.key_id): known[line.name, line.key_id] for line in note.lines}.values())

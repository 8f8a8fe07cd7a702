"""Checkpoints: the size and root of the tree as text to sign (c2sp.org/tlog-checkpoint@v1.0.0), without extension lines."""

from __future__ import annotations

from dataclasses import dataclass

from portal.record.notes import BadNote, Note, decode64, encode64, parse_note
from portal.record.tree import HASH_BYTES

MOST_LEAVES = 2**53

# A condition on rows of record_checkpoint, as `kept`: they were signed in the shard whose tree is in the database. Leaf 0 names it.
OF_THIS_SHARD = """NOT EXISTS (
    SELECT 1 FROM record_fact WHERE leaf_index = 0 AND kind = 'record.shard_opened'
        AND facts::jsonb ->> 'opened' <> split_part(kept.note, E'\\n', 1)
)"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of its tree: `origin` names the log, `root` is 32 bytes."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The text of a note as a checkpoint. Raises BadNote."""
    rows = text.split("\n")
    if len(rows) != 4 or not rows[0] or not (rows[1].isascii() and rows[1].isdigit()):
        raise BadNote("a checkpoint is three lines: origin, size and root")
    checkpoint = Checkpoint(rows[0], int(rows[1][:20]), decode64(rows[2]))
    if str(checkpoint) != text or checkpoint.size > MOST_LEAVES or len(checkpoint.root) != HASH_BYTES:
        raise BadNote("the checkpoint is not spelled as checkpoints are")
    return checkpoint


def parse_signed(text: str) -> tuple[Checkpoint, Note]:
    """A signed checkpoint, its signatures not checked yet. Raises BadNote."""
    note = parse_note(text)
    return parse_checkpoint(note.text), note

"""What a log submits to a witness: the body of `add-checkpoint` (c2sp.org/tlog-witness@v1.0.0), read and written."""

from __future__ import annotations

from dataclasses import dataclass

from portal.record.checkpoints import Checkpoint, parse_checkpoint
from portal.record.notes import BadNote, Note, decode64, encode64, parse_note
from portal.record.tree import HASH_BYTES

MOST_HASHES = 63
MOST_BYTES = 131_072  # a note of 64 KB, 63 hashes, and room
SIZE_TYPE = "text/x.tlog.size"
HEAD_LINES = 3


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint, and the proof that the tree of `old` leaves begins its tree. Signatures and proof are not checked yet."""

    old: int
    proof: tuple[bytes, ...]
    head: Checkpoint
    note: Note

    def __str__(self) -> str:
        return f"old {self.old}\n" + "".join(f"{encode64(node)}\n" for node in self.proof) + f"\n{self.note}"


def parse_submission(body: bytes) -> Submission:
    """Raises BadNote for anything but the one spelling of a submission."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadNote("a submission is UTF-8") from error
    request, divider, signed = text.partition("\n\n")
    first, *hashes = request.split("\n")
    if not divider or len(hashes) > MOST_HASHES:
        raise BadNote("a submission is an old size, at most 63 hashes, an empty line, and a checkpoint")
    note = parse_note(signed)
    submission = Submission(parse_size(first.removeprefix("old ")), tuple(map(_hash, hashes)), head_of(note), note)
    if str(submission) != text:
        raise BadNote("the submission is not spelled as submissions are")
    return submission


def head_of(note: Note) -> Checkpoint:
    """What a checkpoint says of its tree, whatever extension lines follow (c2sp.org/tlog-checkpoint@v1.0.0). Raises BadNote."""
    rows = note.text.removesuffix("\n").split("\n")
    if not all(rows):
        raise BadNote("a checkpoint has no empty lines")
    return parse_checkpoint("".join(f"{row}\n" for row in rows[:HEAD_LINES]))


def parse_size(text: str) -> int:
    """A tree size in decimal, without leading zeroes. Raises BadNote."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and str(int(text)) == text):
        raise BadNote("a tree size is a decimal number")
    return int(text)


def _hash(row: str) -> bytes:
    node = decode64(row)
    if len(node) != HASH_BYTES:
        raise BadNote("a hash of a proof has 32 bytes")
    return node

"""A made-up export of any size, and a receipt out of one: good by every rule, and made without a database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.record.canonical import Json, canonical, iso
from portal.record.checkpoints import Checkpoint
from portal.record.exported_rows import Lines
from portal.record.mirror import LEAVES_PER_FILE
from portal.record.notes import COSIGNATURE, NOTE, Note, cosign, encode64, public_key, sign
from portal.record.tree import Frontier, leaf_hash

ORIGIN = "portal.force.example/record"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
BEGAN = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
PAGE = 50_000


def leaf(number: int, subject: str, seq: int, before: bytes, facts: str, sealed: str) -> str:
    """The leaf of fact `number`, as the trigger would build it."""
    at = iso(BEGAN + timedelta(milliseconds=number))
    return (
        f'{{"actor":"process:clock","at":"{at}","facts":{facts},"id":{number + 1},"kind":"duty.passed",'
        f'"prev":"{before.hex()}","sealed":{sealed},"seq":{seq},"subject":"{subject}","v":2}}'
    )


def row(number: int, subject: str, seq: int, digest: bytes, facts: str, sealed: str) -> str:
    """The row of that fact, as an export spells it."""
    at = iso(BEGAN + timedelta(milliseconds=number))
    return f"process:clock\t{at}\t{facts}\t{number + 1}\tduty.passed\t{sealed}\t{seq}\t{subject}\t{digest.hex()}\t{number}"


def synthetic(home: Path, many: int, each: int = 6) -> str:
    """Write an export of `many` facts, `each` of them about one subject, with their rows; return the key to trust."""
    from tests.bench.record import FACTS, SEALED

    tree, leaves, rows, ends = Frontier(), Lines(home / "leaves", "jsonl"), Lines(home / "rows", "tsv"), list[str]()
    subject, seq, before = "", 0, bytes(32)
    for first in range(0, many, PAGE):
        page, beside, digests = list[bytes](), list[bytes](), list[bytes]()
        for number in range(first, min(first + PAGE, many)):
            if number % each == 0:
                subject, seq, before = f"report:{uuid.UUID(int=number)}", 0, bytes(32)
            seq += 1
            line = leaf(number, subject, seq, before, FACTS, SEALED).encode()
            before = leaf_hash(line)
            page.append(line)
            beside.append(row(number, subject, seq, before, FACTS, SEALED).encode())
            digests.append(before)
            if seq == each or number == many - 1:
                ends.append(f"{subject}\t{seq}\t{before.hex()}\t{iso(BEGAN + timedelta(milliseconds=number))}\n")
        leaves.add(page)
        rows.add(beside)
        tree.extend(digests)
    leaves.close()
    rows.close()
    _beside(home, tree, ends)
    vkey = str(public_key(ORIGIN, NOTE, KEY))
    manifest: dict[str, Json] = {
        "candour": "export/v2", "origin": ORIGIN, "size": many, "made_at": iso(BEGAN), "keys": [vkey], "leaves_per_file": LEAVES_PER_FILE,
    }  # fmt: skip
    (home / "candour-export.json").write_text(canonical(manifest) + "\n")
    return vkey


def _beside(home: Path, tree: Frontier, ends: Sequence[str]) -> None:
    """What an export holds beside leaves and rows: one checkpoint, its tree head, the ends of chains, and nothing that waits."""
    at, root = int((BEGAN + timedelta(milliseconds=tree.size)).timestamp()), tree.root()
    signed: dict[str, Json] = {"note": note(tree.size, root, at), "size": tree.size, "root": root.hex(), "signed_at": at}
    head: dict[str, Json] = {"size": tree.size, "root": root.hex(), "frontier": sha256(bytes(tree)).hexdigest()}
    (home / "checkpoints.jsonl").write_text(canonical(signed) + "\n")
    (home / "heads.jsonl").write_text(canonical(head) + "\n")
    (home / "chains.tsv").write_text("".join(ends))
    for empty in ("waiting.tsv", "cosignatures.jsonl", "disagreements.jsonl", "stamps.jsonl"):
        (home / empty).touch()


def note(size: int, root: bytes, at: int) -> str:
    """A signed checkpoint."""
    text = str(Checkpoint(ORIGIN, size, root))
    return str(Note(text, (sign(text, name=ORIGIN, private=KEY), cosign(text, name=ORIGIN, private=KEY, at=at))))


def receipt_size(facts: str, sealed: str, path: Sequence[bytes], size: int) -> int:
    """Bytes of the receipt of a handed-over duty in a tree of `size`, with its title and one name."""
    proof = "\n".join(
        ["c2sp.org/tlog-proof@v1", f"index {size - 1}", *map(encode64, path), "", note(size, bytes(32), int(BEGAN.timestamp()))]
    )
    words: dict[str, Json] = {
        "issued_at": iso(BEGAN),
        "names": {f"person:{uuid.UUID(int=7)}": "Inspector A Shah"},
        "title": "The duty passed to you: MR-7K3P-9QXA",
    }
    portal = f"{ORIGIN}/portal"
    about = leaf(size - 1, f"report:{uuid.UUID(int=7)}", 1, bytes(32), facts, sealed)
    said, leaves = (encode64(sha256(one).digest()) for one in (canonical(words).encode(), leaf_hash(about.encode())))
    text = f"{portal}\nwords {said} {leaves}\n"
    members: dict[str, Json] = {
        "candour": "receipt/v1", "disclosed": {}, "leaf": about,
        "proof": proof, "words": words, "words_note": str(Note(text, (sign(text, name=portal, private=KEY),))),
        "keys": [*(str(public_key(ORIGIN, kind, KEY)) for kind in (NOTE, COSIGNATURE)), str(public_key(portal, NOTE, KEY))],
    }  # fmt: skip
    return len(canonical(members).encode()) + 1

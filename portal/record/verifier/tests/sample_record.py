"""A small record made without a database: the same every time, so that what is made from it can be kept as test vectors.

Salts, keys and times come from seeds. Proofs and signatures are made by `portal.record`, and the verifier checks them with code of its own.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.record.canonical import canonical, iso
from portal.record.checkpoints import Checkpoint
from portal.record.notes import COSIGNATURE, NOTE, Key, Line, Note, cosign, encode64, public_key, sign
from portal.record.proofs import inclusion_proof, split
from portal.record.tree import EMPTY_ROOT, leaf_hash, node_hash

ORIGIN = "portal.force.example/record"
START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
NOW = START + timedelta(days=2)
REPORT = "report:0b7f2c7e-2f0a-4c53-9a3e-6f7f0a9c1d11"
CONSTABLE = "person:11111111-1111-4111-8111-111111111111"
INSPECTOR = "person:22222222-2222-4222-8222-222222222222"
CHIEF = "person:33333333-3333-4333-8333-333333333333"
NAMES = {CONSTABLE: "Constable R Okafor", INSPECTOR: "Inspector A Shah", CHIEF: "Chief Inspector M Wren"}


def private(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(f"candour test key: {seed}".encode()).digest())


def seconds(at: datetime) -> int:
    return int(at.timestamp())


@dataclass
class Signer:
    """The keys of one record, or of somebody who says they are it."""

    origin: str = ORIGIN
    seed: str = "log"
    witness: str = "witness.example/w1"

    def vkeys(self) -> list[str]:
        """Those to trust."""
        return [str(self.key(NOTE)), str(self.portal_key())]

    def key(self, kind: int) -> Key:
        return public_key(self.origin, kind, private(self.seed))

    def portal_key(self) -> Key:
        return public_key(f"{self.origin}/portal", NOTE, private(f"{self.seed} portal"))

    def witness_key(self) -> Key:
        return public_key(self.witness, COSIGNATURE, private("witness"))

    def lines(self, text: str, at: datetime, *, witnessed: bool) -> list[Line]:
        own = private(self.seed)
        found = [sign(text, name=self.origin, private=own), cosign(text, name=self.origin, private=own, at=seconds(at))]
        more = cosign(text, name=self.witness, private=private("witness"), at=seconds(at) + 1)
        return [*found, more] if witnessed else found

    def keys(self, *, witnessed: bool) -> list[str]:
        own = [str(self.key(NOTE)), str(self.key(COSIGNATURE))]
        return [*own, *([str(self.witness_key())] if witnessed else []), str(self.portal_key())]

    def note(self, line: str) -> str:
        name = f"{self.origin}/portal"
        text = f"{name}\n{line}\n"
        return str(Note(text, (sign(text, name=name, private=private(f"{self.seed} portal")),)))

    def worded(self, words: Mapping[str, Any], leaves: Iterable[bytes]) -> dict[str, Any]:
        said, about = sha256(canonical(words).encode()).digest(), sha256(b"".join(leaves)).digest()
        return {"words": words, "words_note": self.note(f"words {encode64(said)} {encode64(about)}")}


@dataclass
class Record:
    """Facts, in the order of the tree. `disclosed[n]` holds what fact `n` was sealed with."""

    signer: Signer = field(default_factory=Signer)
    leaves: list[str] = field(default_factory=list)
    disclosed: list[dict[str, Any]] = field(default_factory=list)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(
        self,
        kind: str,
        subject: str = REPORT,
        *,
        actor: str = CONSTABLE,
        at: datetime = START,
        facts: Mapping[str, Any] | None = None,
        sealed: Mapping[str, bytes] | None = None,
        version: int = 2,
    ) -> int:
        """Append a fact and return its index."""
        index, given = len(self.leaves), dict(sealed or {})
        salts = {name: sha256(f"salt {index} {name}".encode()).digest() for name in given}
        plain = {name: sha256(value).digest() if name.startswith("file-") else value for name, value in given.items()}
        seq, prev = self.heads.get(subject, (0, "0" * 64))
        leaf: dict[str, Any] = {
            "actor": actor,
            "at": iso(at),
            "facts": dict(facts or {}),
            "kind": kind,
            "prev": prev,
            "sealed": {name: f"hmac-sha256:{hmac.new(salts[name], plain[name], 'sha256').hexdigest()}" for name in given},
            "seq": seq + 1,
            "subject": subject,
            "v": version,
        }
        if version == 2:
            leaf["id"] = index + 1001
        self.leaves.append(canonical(leaf))
        self.heads[subject] = seq + 1, self.hash(index).hex()
        self.disclosed.append({name: self._opened(name, salts[name], plain[name]) for name in given})
        return index

    def _opened(self, name: str, salt: bytes, plain: bytes) -> dict[str, str]:
        return {"salt": encode64(salt)} | ({"sha256": plain.hex()} if name.startswith("file-") else {"value": encode64(plain)})

    def hash(self, index: int) -> bytes:
        return leaf_hash(self.leaves[index].encode())

    def root_of(self, start: int, end: int) -> bytes:
        if end - start < 2:
            return self.hash(start) if end > start else EMPTY_ROOT
        middle = start + split(end - start)
        return node_hash(self.root_of(start, middle), self.root_of(middle, end))

    def checkpoint(self, *, size: int = 0, at: datetime = START + timedelta(hours=1), witnessed: bool = False, root: bytes = b"") -> str:
        size = size or len(self.leaves)
        text = str(Checkpoint(self.signer.origin, size, root or self.root_of(0, size)))
        return str(Note(text, tuple(self.signer.lines(text, at, witnessed=witnessed))))

    def path(self, index: int, size: int = 0) -> list[str]:
        return [encode64(node) for node in inclusion_proof(index, size or len(self.leaves), self.root_of)]

    def receipt(self, index: int, *, size: int = 0, at: datetime = START + timedelta(hours=1), witnessed: bool = False) -> dict[str, Any]:
        rows = ["c2sp.org/tlog-proof@v1", f"index {index}", *self.path(index, size)]
        proof = "\n".join(rows) + "\n\n" + self.checkpoint(size=size, at=at, witnessed=witnessed)
        return self._paper(index) | {"proof": proof, "keys": self.signer.keys(witnessed=witnessed)}

    def pending(self, index: int, *, by: datetime = NOW + timedelta(minutes=1)) -> dict[str, Any]:
        at = json.loads(self.leaves[index])["at"]
        promise = self.signer.note(f"promise {encode64(self.hash(index))} {at} {iso(by)}")
        return self._paper(index) | {"promise": promise, "keys": [str(self.signer.portal_key())]}

    def _paper(self, index: int) -> dict[str, Any]:
        words = {"issued_at": iso(START + timedelta(hours=1)), "names": NAMES, "title": "You sent a report"}
        leaf = {"candour": "receipt/v1", "disclosed": self.disclosed[index], "leaf": self.leaves[index]}
        return leaf | self.signer.worded(words, [self.hash(index)])

    def chain(self, subject: str = REPORT) -> list[int]:
        return [index for index, leaf in enumerate(self.leaves) if json.loads(leaf)["subject"] == subject]

    def statement(
        self,
        indexes: Sequence[int],
        *,
        withheld: Sequence[int] = (),
        reader: str = "reporter",
        at: datetime = NOW,
        subject: str = REPORT,
        size: int = 0,
    ) -> dict[str, Any]:
        facts = [(self._hidden if index in withheld else self.shown)(index, size) for index in indexes]
        words = {"for": reader, "issued_at": iso(at), "names": NAMES, "reference": "MR-7K2P-9WQD", "title": "Statement of duty"}
        paper = {"candour": "statement/v1", "checkpoint": self.checkpoint(size=size, at=at), "facts": facts, "subject": subject}
        return paper | {"keys": self.signer.keys(witnessed=False)} | self.signer.worded(words, map(self.hash, indexes))

    def shown(self, index: int, size: int = 0) -> dict[str, Any]:
        return {"disclosed": self.disclosed[index], "index": index, "leaf": self.leaves[index], "path": self.path(index, size)}

    def _hidden(self, index: int, size: int) -> dict[str, Any]:
        seq = json.loads(self.leaves[index])["seq"]
        return {"index": index, "path": self.path(index, size), "seq": seq, "withheld": encode64(self.hash(index))}

    def export(self, home: Path, *, checkpoints: Sequence[str] = (), stamps: Sequence[str] = (), each: int = 1_000_000) -> Path:
        """Write the record as an export."""
        (home / "leaves").mkdir(parents=True)
        manifest: dict[str, Any] = {
            "candour": "export/v1",
            "keys": self.signer.vkeys(),
            "leaves_per_file": each,
            "made_at": iso(NOW),
            "origin": self.signer.origin,
            "size": len(self.leaves),
        }
        (home / "candour-export.json").write_text(canonical(manifest) + "\n")
        for number in range(0, len(self.leaves), each):
            (home / "leaves" / f"{number // each:06}.jsonl").write_text(
                "".join(f"{leaf}\n" for leaf in self.leaves[number : number + each])
            )
        notes = checkpoints or [self.checkpoint()]
        (home / "checkpoints.jsonl").write_text("".join(canonical({"note": note}) + "\n" for note in notes))
        (home / "disagreements.jsonl").write_text("")
        (home / "stamps.jsonl").write_text("".join(f"{row}\n" for row in stamps))
        return home


def written(paper: Mapping[str, Any]) -> bytes:
    """A receipt or statement as a file."""
    return canonical(paper).encode() + b"\n"


def story() -> Record:
    """One report that lapsed once and was acted on, among facts about other subjects. Duty 1 lapsed unopened, duty 2 was acted on."""
    record = Record()
    record.add("record.key_introduced", "record:keys", actor="process:clock", facts={"use": "log"}, version=1)
    record.add("report.sent", at=START, sealed={"message": "They wrote “no”\n🙂".encode(), "sender": b"not known", "file-1": b"\x89PNG"})
    passed(record, 1, INSPECTOR, "sent", START, open_hours=2, act_hours=24)
    record.add("duty.told", actor="process:notices", at=after(minutes=1), facts={"duty": 1, "level": 1, "told_at": iso(after(minutes=1))})
    for number in range(5):
        record.add("handset.claimed", f"handset:{number}", at=after(minutes=2 + number))
    missed = {
        "duty": 1,
        "level": 1,
        "holder": INSPECTOR,
        "deadline": "open",
        "due_at": iso(after(hours=2)),
        "fired_at": iso(after(hours=2, minutes=1)),
    }
    record.add("deadline.missed", actor="process:clock", at=after(hours=2, minutes=1), facts=missed)
    passed(record, 2, CHIEF, "open_missed", after(hours=2, minutes=1), open_hours=4, act_hours=30)
    record.add("duty.opened", actor=CHIEF, at=after(hours=3), facts={"duty": 2, "level": 2, "opened_at": iso(after(hours=3))})
    record.add("handset.claimed", "handset:9", at=after(hours=4))
    record.add(
        "duty.acted", actor=CHIEF, at=after(hours=5), facts={"duty": 2, "level": 2, "acted_at": iso(after(hours=5)), "outcome": "local"}
    )
    record.add("statement.given", actor=CONSTABLE, at=after(hours=47), facts={"for": "reporter"})
    return record


def after(**parts: float) -> datetime:
    return START + timedelta(**parts)


def passed(record: Record, duty: int, holder: str, why: str, at: datetime, *, open_hours: float, act_hours: float) -> int:
    facts = {
        "duty": duty,
        "seq": duty,
        "level": duty,
        "holder": holder,
        "why": why,
        "from_at": iso(at),
        "open_due_at": iso(START + timedelta(hours=open_hours)),
        "act_due_at": iso(START + timedelta(hours=act_hours)),
        "skipped": [],
    }
    return record.add("duty.passed", actor="process:clock", at=at, facts=facts)

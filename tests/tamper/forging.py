"""What an attacker who knows the record well can do: rewrite a fact and everything after it that follows from it. They lack the key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection

from portal.record import models
from portal.record.checkpoints import Checkpoint
from portal.record.notes import Note, cosign, sign
from portal.record.tree import Frontier, leaf_hash
from tests.tamper.record import rows

Fact = dict[str, Any]
COLUMNS = ("kind", "subject", "actor", "facts", "sealed", "subject_seq", "at", "prev", "leaf_hash", "leaf_index", "leaf_version")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))  # the attacker's own


@dataclass
class Forger:
    """The facts as the attacker wants them, in the order of the tree. `write` puts them in the database."""

    connection: Connection[Any]
    facts: list[Fact] = field(default_factory=list)
    before: dict[int, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = sorted(rows(self.connection, "record_fact"), key=lambda fact: fact["leaf_index"])
        self.before = {fact["id"]: dict(fact) for fact in self.facts}

    def chain(self) -> None:
        """Number, link and hash every fact again, so that each says what its columns say."""
        heads: dict[str, tuple[int, bytes, Any]] = {}
        for fact in sorted(self.facts, key=lambda fact: int(fact["id"])):
            seq, head, _ = heads.get(fact["subject"], (0, bytes(32), None))
            fact["subject_seq"] = seq + 1
            fact["prev"] = head
            fact["leaf_hash"] = leaf_hash(models.Fact(**fact).leaf.encode())
            heads[fact["subject"]] = (seq + 1, fact["leaf_hash"], fact["at"])
        self.connection.execute("DELETE FROM record_chain")
        with self.connection.cursor() as cursor:
            values = [(subject, *last) for subject, last in heads.items()]
            cursor.executemany("INSERT INTO record_chain (subject, seq, head, at) VALUES (%s, %s, %s, %s)", values)

    def place(self) -> None:
        """Give places without a gap, in the order of the list."""
        for number, fact in enumerate(self.facts):
            fact["leaf_index"] = number

    def write(self) -> None:
        """Put back the facts that differ from what is there."""
        kept = {fact["id"] for fact in self.facts}
        self.connection.execute("DELETE FROM record_fact WHERE NOT id = ANY(%s)", [list(kept)])
        for fact in self.facts:
            if fact["id"] not in self.before:
                names = ", ".join(("id", *COLUMNS))
                marks = ", ".join(["%s"] * (len(COLUMNS) + 1))
                self.connection.execute(f"INSERT INTO record_fact ({names}) VALUES ({marks})".encode(), [fact["id"], *_values(fact)])  # noqa: S608
            elif fact != self.before[fact["id"]]:
                sets = ", ".join(f"{name} = %s" for name in COLUMNS)
                self.connection.execute(f"UPDATE record_fact SET {sets} WHERE id = %s".encode(), [*_values(fact), fact["id"]])  # noqa: S608

    def heads(self) -> None:
        """Compute every tree head again; those of trees that are no more are removed."""
        tree, sizes = Frontier(), [row["size"] for row in rows(self.connection, "record_treehead")]
        self.connection.execute("DELETE FROM record_treehead WHERE size > %s", [len(self.facts)])
        self.kept = dict[int, bytes]()
        for size in [*(size for size in sizes if size < len(self.facts)), len(self.facts)]:
            tree.extend([fact["leaf_hash"] for fact in self.facts[tree.size : size]])
            self.kept[size] = tree.root()
            self.connection.execute(
                "INSERT INTO record_treehead (size, root, frontier, at) VALUES (%s, %s, %s, clock_timestamp()) "
                "ON CONFLICT (size) DO UPDATE SET root = excluded.root, frontier = excluded.frontier",
                [size, tree.root(), bytes(tree)],
            )

    def checkpoints(self, note: Callable[[Checkpoint, int], str] | None) -> None:
        """Make the checkpoints say the new roots. `note`: who signs them; None leaves out those whose tree changed."""
        for kept in rows(self.connection, "record_checkpoint"):
            root = self.kept.get(kept["size"])
            if root == bytes(kept["root"]):
                continue
            if root is None or note is None:
                self.forget(kept["id"])
                continue
            at = int(kept["signed_at"].timestamp())
            text = note(Checkpoint(kept["note"].partition("\n")[0], kept["size"], root), at)
            self.connection.execute("UPDATE record_checkpoint SET root = %s, note = %s WHERE id = %s", [root, text, kept["id"]])

    def forget(self, checkpoint: int) -> None:
        """Remove a checkpoint and what hangs on it."""
        for table in ("record_cosignature", "record_stamp"):
            self.connection.execute(f"DELETE FROM {table} WHERE checkpoint_id = %s".encode(), [checkpoint])  # noqa: S608
        self.connection.execute("DELETE FROM record_checkpoint WHERE id = %s", [checkpoint])


def forged(at: datetime, key: int, like: Fact) -> Fact:
    """A fact that never happened, written as if at `at`."""
    return {
        **like,
        "id": key,
        "at": at,
        "actor": "person:forged",
        "facts": '{"forged":true}',
        "sealed": "{}",
        "prev": b"",
        "leaf_hash": b"",
    }


def own_signature(checkpoint: Checkpoint, at: int) -> str:
    """A note under the log's name, signed with the attacker's key."""
    text, name = str(checkpoint), checkpoint.origin
    return str(Note(text, (sign(text, name=name, private=KEY), cosign(text, name=name, private=KEY, at=at))))


def an_hour_before(fact: Fact) -> datetime:
    at: datetime = fact["at"]
    return at - timedelta(hours=1)


def _values(fact: Fact) -> list[Any]:
    return [fact[name] for name in COLUMNS]

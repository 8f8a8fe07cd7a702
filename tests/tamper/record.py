"""The record that is tampered with: facts of every kind there is, signed again and again, and one receipt kept from before."""

from __future__ import annotations

import ast
import random
import re
import uuid
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from portal.receipts.kinds import Offer
from portal.receipts.making import receipt
from portal.record import published, signing
from portal.record.appending import Entry, append_all
from portal.record.canonical import Json
from portal.record.keeping import Keeper
from portal.record.models import Checkpoint, Fact
from portal.record.notes import cosign

BASE = Path(__file__).resolve().parents[2]
ROOMS = ("devices", "guidance", "reporting", "portal")
KIND = re.compile(r"[a-z_]+\.[a-z_]*(ed|sent|told|found|lost|given|taken|withdrawn|off|aside|_up|late|elsewhere|stolen|back|forward|again)")
EACH = 3  # facts of each kind
PARTS = 8  # checkpoints of different sizes
TEXTS = ("plain", 'quoted "and" back\\slashed', "Zoë’s café ☃", "two\nlines\tand a tab", "", "  spaces  ", "\U0001f600 \u0001 \u2028")


@cache
def kinds() -> list[str]:
    """Every kind of fact that the rooms' code names: dotted and past tense, as facts are."""
    found = set()
    for path in (path for room in ROOMS for path in (BASE / room).rglob("*.py") if "tests" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KIND.fullmatch(node.value):
                found.add(node.value)
    return sorted(found)


def build(keeper: Keeper, seed: int = 1) -> bytes:
    """Fill an empty record; return a receipt of one of its facts, proved by its newest checkpoint."""
    chance = random.Random(seed)
    entries = [entry(kind, chance) for kind in kinds() for _ in range(EACH)]
    chance.shuffle(entries)
    for part in range(PARTS):
        append(entries[part::PARTS])
        keeper.round()
    with mock.patch.object(signing, "IDLE_SECONDS", 0):
        keeper.round()  # the same size again, as when nothing happens
    cosigned()
    return a_receipt(chance)


def entry(kind: str, chance: random.Random) -> Entry:
    """A fact of this kind, about one of a few subjects, with values that canonical JSON has to take care over."""
    text = chance.choice(TEXTS)
    facts: dict[str, Json] = {
        "level": chance.randrange(9),
        "why": text,
        "late": chance.random() < 0.5,
        "skipped": [{"b": 1, "a": text}, None],
    }
    sealed = {name: f"hmac-sha256:{chance.randbytes(32).hex()}" for name in ("message", "reasons")[: chance.randrange(3)]}
    who = f"person:{uuid.UUID(int=chance.randrange(40))}" if chance.random() < 0.8 else "process:clock"
    return Entry(kind=kind, subject=f"{kind.partition('.')[0]}:{chance.randrange(6)}", actor=who, facts=facts, sealed=sealed)


def append(entries: list[Entry]) -> None:
    with transaction.atomic():
        append_all(entries)


def cosigned() -> None:
    """A witness signs two of the checkpoints."""
    key, name = Ed25519PrivateKey.generate(), "witness.example"
    with psycopg.connect(settings.DATABASE_SEQUENCER_URL, autocommit=True) as sequencer:
        for kept in Checkpoint.objects.order_by("id")[2:4]:
            at = int(kept.signed_at.timestamp())
            line = cosign(kept.note.partition("\n\n")[0] + "\n", name=name, private=key, at=at)
            statement = "INSERT INTO record_cosignature (checkpoint_id, witness, line, at) VALUES (%s, %s, %s, to_timestamp(%s))"
            sequencer.execute(statement, [kept.pk, name, str(line), at])


def a_receipt(chance: random.Random) -> bytes:
    """A receipt of any fact that is signed."""
    newest = published.newest()
    assert newest is not None
    fact = Fact.objects.get(leaf_index=chance.randrange(newest.size))
    offer = Offer(fact=fact, title="You were there", said="Present", group="any", stem="any", href="/")
    return receipt(offer, {}).data


def rows(connection: psycopg.Connection[Any], table: str) -> list[dict[str, Any]]:
    """Every row of a table, in the order of its first column."""
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(f"SELECT * FROM {table} ORDER BY 1".encode()).fetchall()  # noqa: S608 - our own names

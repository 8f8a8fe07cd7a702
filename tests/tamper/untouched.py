"""Exports that nobody touched, of a record that grows: each is verified with receipts from before. None may be called bad."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import psycopg
from django.conf import settings

from portal.record import published, signing
from portal.record.exporting import export
from portal.record.keeping import Keeper
from portal.record.models import Checkpoint
from portal.record.verifier import candour_verify
from tests.tamper import record
from tests.tamper.trying import MEMORY, signatures_remembered

HELD = 4  # receipts, of which the oldest is kept for ever


def false_alarms(keeper: Keeper, many: int, seed: int) -> Iterator[str]:
    """Verify `many` exports; yield what was said of each that was called bad."""
    chance = random.Random(seed)
    keeper.round()
    held = [record.a_receipt(chance)]
    with signatures_remembered():
        for number in range(many):
            _live(keeper, chance)
            verdict = _verdict(held)
            if not verdict.good:
                yield f"export {number}: {' '.join(verdict.sentences)}"
            if chance.random() < 0.3:
                held = [*held[:1], *held[1 - HELD :], record.a_receipt(chance)]


def _live(keeper: Keeper, chance: random.Random) -> None:
    """What may happen between two exports."""
    kinds = record.kinds()
    for _ in range(chance.randrange(3)):
        record.append([record.entry(chance.choice(kinds), chance) for _ in range(chance.choice((1, 1, 2, 9)))])
    what = chance.random()
    if what < 0.7:
        keeper.round(most=chance.choice((3, 5_000)))
    elif what < 0.8:
        with mock.patch.object(signing, "IDLE_SECONDS", 0):
            keeper.round()
    elif what < 0.85:
        keeper.close()  # another clock takes over
        keeper.round()
    if chance.random() < 0.05:
        _stamp(chance)


def _stamp(chance: random.Random) -> None:
    """A token that names a checkpoint; what else it says is for its own reader."""
    from hashlib import sha256

    kept = Checkpoint.objects.order_by("?")[0]
    token = b"token" + sha256((kept.note.partition("\n\n")[0] + "\n").encode()).digest()
    with psycopg.connect(settings.DATABASE_SEQUENCER_URL, autocommit=True) as sequencer:
        sequencer.execute(
            "INSERT INTO record_stamp (day, checkpoint_id, authority, token, at) VALUES (%s, %s, 'a', %s, now()) ON CONFLICT DO NOTHING",
            [f"20{chance.randrange(30, 99)}-01-01", kept.pk, token],
        )


def _verdict(held: list[bytes]) -> candour_verify.Verdict:
    home = Path(tempfile.mkdtemp(prefix="candour-untouched-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        export(home / "export")
        return candour_verify.verify_export(home / "export", keys=published.trusted_keys(), receipts=held)
    finally:
        shutil.rmtree(home)

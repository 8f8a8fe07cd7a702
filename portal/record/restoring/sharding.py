"""End the tree and begin another, where the old one cannot be continued. Its first leaf holds the last checkpoint of the one before.

What was signed in the old shard stays good under its own name and keys: its files are kept under `RECORD_DIR/shards`.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from portal.record import keys, places, published, state
from portal.record.appending import append, process_actor
from portal.record.canonical import Json
from portal.record.checkpoints import parse_signed
from portal.record.disk import sync_directory
from portal.record.models import Fact
from portal.record.restoring.adopting import shard_of
from portal.record.restoring.owning import Refused, guarded_again
from portal.record.sequencing import sequence
from portal.record.tree import Frontier

SUBJECT = "record:shards"  # of the second shard; each later one has a chain of its own, because leaf 0 would stand before the older ones


@dataclass(frozen=True, slots=True)
class Ended:
    """The shard that ends: its number, its origin, the note of its last checkpoint (empty: none was signed) and when that was signed."""

    number: int
    origin: str
    note: str
    at: int

    @property
    def following(self) -> state.Signed:
        return state.Signed(shard=self.number + 1, at=self.at)


def ending() -> Ended:
    """The shard that signs now, by the signer's state, or where that is lost by the newest checkpoint published. Raises Refused."""
    try:
        signed = state.read(places.state())
    except state.Unreadable:
        signed = state.Signed()
    newest = published.last()
    if signed.note or (places.state().exists() and signed.shard > 1):
        return Ended(signed.shard, signed.origin(settings.RECORD_ORIGIN), signed.note, signed.at)
    if newest is None:
        raise Refused("Nothing was ever signed, so there is no shard to end. Start the clock.")
    origin = newest.note.partition("\n")[0]
    return Ended(shard_of(origin), origin, newest.note, int(newest.signed_at.timestamp()))


def begun(ended: Ended) -> bool:
    """Whether the database has begun the shard after `ended` already: a run of this broke off before the files followed."""
    first = Fact.objects.filter(leaf_index=0).first()
    return first is not None and first.kind == "record.shard_opened" and first.data["checkpoint"] == ended.note


def keep_files(ended: Ended) -> None:
    """Copy what the shard leaves behind to `RECORD_DIR/shards/<number>`, whole or not at all, and retire the names it signed under."""
    kept = places.shards() / str(ended.number)
    if not kept.exists():
        draft = places.shards() / f".{ended.number}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for name in ("tiles", "leaves"):
            if (files := places.home() / name).exists():
                shutil.copytree(files, draft / name)
        if places.state().exists():
            shutil.copy2(places.state(), draft)
        (draft / "keys.txt").write_text("".join(f"{key}\n" for key in keys.public_keys(ended.origin)))
        draft.rename(kept)
        sync_directory(places.shards())
    for key in keys.public_keys(ended.origin):
        keys.retire(key)


def begin(ended: Ended, *, why: str) -> int:
    """Place every fact anew behind the first leaf, inside `owning.rewriting`; how many there are in the new tree."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM record_treehead")
        cursor.execute("UPDATE record_fact SET leaf_index = NULL WHERE leaf_index IS NOT NULL")
        guarded_again()
        subject = SUBJECT if ended.number == 1 else f"{SUBJECT}-{ended.number + 1}"
        first = append(kind="record.shard_opened", subject=subject, actor=process_actor("reconcile"), facts=_facts(ended, why))
        frontier = Frontier()
        frontier.push(bytes(first.leaf_hash))
        cursor.execute("UPDATE record_fact SET leaf_index = 0 WHERE id = %s", [first.pk])
        cursor.execute(
            "INSERT INTO record_treehead (size, root, frontier, at) VALUES (1, %s, %s, clock_timestamp())",
            [frontier.root(), bytes(frontier)],
        )
    size = 1
    while placed := sequence(connection.connection):
        size += placed
    return size


def _facts(ended: Ended, why: str) -> dict[str, Json]:
    size = parse_signed(ended.note)[0].size if ended.note else 0
    return {
        "ended": ended.origin,
        "checkpoint": ended.note,
        "size": size,
        "opened": ended.following.origin(settings.RECORD_ORIGIN),
        "why": why,
    }

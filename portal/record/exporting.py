"""Export the record into a directory that anybody can check without the portal (docs/record-format.md, "An export").

Rows are streamed, so that memory stays the same however long the record is. No private key is read.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection

from portal.record import keys
from portal.record.agreeing import PLACED_ROWS, Disagreement, Row, Walk, disagreements, stream
from portal.record.canonical import canonical, iso
from portal.record.checkpoints import OF_THIS_SHARD
from portal.record.disk import sync_directory
from portal.record.exported_rows import Placed, json_lines, write_kept
from portal.record.mirror import LEAVES_PER_FILE
from portal.record.notes import BadNote, Line, encode64, parse_lines, parse_note, with_lines
from portal.record.snapshots import snapshot
from portal.record.tree import Frontier

VERIFIER = Path(__file__).parent / "verifier" / "candour_verify.py"
ORIGIN = f"SELECT split_part(note, E'\\n', 1) FROM record_checkpoint AS kept WHERE {OF_THIS_SHARD} ORDER BY id DESC LIMIT 1"  # noqa: S608
# The first and the last of each size and those that anybody cosigned, with the cosignatures that came in for them.
CHECKPOINTS = f"""
SELECT kept.size, kept.note, array(SELECT line FROM record_cosignature WHERE checkpoint_id = kept.id ORDER BY id),
    encode(kept.root, 'hex'), extract(epoch FROM kept.signed_at)::bigint
FROM (SELECT *, row_number() OVER up AS first, row_number() OVER down AS last FROM record_checkpoint AS kept
      WHERE {OF_THIS_SHARD} WINDOW up AS (PARTITION BY size ORDER BY id), down AS (PARTITION BY size ORDER BY id DESC)) AS kept
WHERE 1 IN (kept.first, kept.last) OR EXISTS (SELECT FROM record_cosignature WHERE checkpoint_id = kept.id) ORDER BY kept.size, kept.id
"""  # noqa: S608 - constants
# A checkpoint's text is the same whenever it is signed again, so the oldest stamp of a size says all that a later one does.
STAMPS = f"""
SELECT DISTINCT ON (kept.size) kept.size, stamp.token
FROM record_stamp AS stamp JOIN record_checkpoint AS kept ON kept.id = stamp.checkpoint_id
WHERE {OF_THIS_SHARD} ORDER BY kept.size, stamp.day
"""  # noqa: S608 - constants


class NotExported(Exception):
    """Nothing was written; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: facts, checkpoints, rows that disagree, bytes of leaves, and the seconds it took."""

    facts: int
    checkpoints: int
    disagreements: int
    leaf_bytes: int
    seconds: float


def export(into: Path) -> Exported:
    """Write an export into `into`, which does not exist yet or is empty. Raises NotExported, Busy and state.Unreadable.

    All of it is of one moment. It is written beside `into` and renamed, so a directory of that name is a whole export.
    """
    began = time.monotonic()
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise NotExported(f"{into} is there and not empty. Name a directory that is not there yet.")
    draft = into.with_name(f".{into.name}.{os.getpid()}")
    try:
        draft.mkdir(parents=True)
        with snapshot() as (connection, signed):
            done = write(connection, draft, signed.note.partition("\n")[0])
        draft.rename(into)
        sync_directory(into.parent)
    except OSError as error:
        raise NotExported(f"{into} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Exported(*done, time.monotonic() - began)


def write(connection: Connection[Any], into: Path, signed_as: str = "") -> tuple[int, int, int, int]:
    """Write the files of an export; `connection` is inside a transaction that sees one moment. Returns as `Exported`, without the time.

    `signed_as`: the origin under which the signer says that it signed, for a database that has lost every checkpoint.
    """
    newest = connection.execute(ORIGIN).fetchone()
    origin = newest[0] if newest else signed_as
    if not origin:
        raise NotExported("Nothing has been signed yet, so there is nothing to export. Start the clock and try again.")
    placed = Placed(into)
    walk = Walk(connection, placed.add, PLACED_ROWS)
    found = json_lines(into / "disagreements.jsonl", (_disagreement(one) for one in _all(connection, walk)))
    placed.close()
    write_kept(connection, into)
    signed = json_lines(into / "checkpoints.jsonl", map(_checkpoint, stream(connection, "record_checkpoints", CHECKPOINTS)))
    stamps = stream(connection, "record_stamps", STAMPS)
    json_lines(into / "stamps.jsonl", ({"size": size, "token": encode64(bytes(token))} for size, token in stamps))
    shutil.copyfile(VERIFIER, into / VERIFIER.name)
    made = connection.execute("SELECT clock_timestamp()").fetchone()
    assert made is not None  # noqa: S101 - for the type checker: a SELECT without FROM has a row
    manifest = {
        "candour": "export/v2", "origin": origin, "size": placed.leaves.count, "made_at": iso(made[0]),
        "keys": [str(key) for key in [*keys.public_keys(origin), *keys.retired_keys()]],
        "leaves_per_file": LEAVES_PER_FILE,
    }  # fmt: skip
    (into / "candour-export.json").write_text(canonical(manifest) + "\n")
    return placed.leaves.count, signed, found, placed.leaves.bytes


def _all(connection: Connection[Any], walk: Walk) -> Iterator[Disagreement]:
    yield from walk.disagreements()
    yield from disagreements(connection)
    yield from _ends(connection, walk.frontier)


def _ends(connection: Connection[Any], tree: Frontier) -> Iterator[Disagreement]:
    """Facts that have a place and are in no tree that was kept, or in none that was signed."""
    for table, what in (("record_treehead", "tree that was kept"), ("record_checkpoint", "checkpoint")):
        (size,) = connection.execute(f"SELECT coalesce(max(size), 0) FROM {table}".encode()).fetchone() or (0,)  # noqa: S608 - constants
        if size != tree.size:
            yield Disagreement(table, "end", f"{tree.size} facts have a place, but the largest {what} has {size}")


def _disagreement(one: Disagreement) -> dict[str, Any]:
    return {"table": one.table, "why": one.said, "row": json.loads(one.row)}


def _checkpoint(row: Row) -> dict[str, Any]:
    return {"note": _note(row[1], row[2]), "size": row[0], "root": row[3], "signed_at": row[4]}


def _note(note: str, cosigned: list[str]) -> str:
    """The note of a checkpoint with its cosignatures; as it is where it cannot be read, for the verifier to refuse."""
    try:
        lines: list[Line] = [line for kept in cosigned for line in parse_lines(kept)]
        return str(with_lines(parse_note(note), lines)) if lines else str(note)
    except BadNote:
        return str(note)

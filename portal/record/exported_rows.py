"""What an export holds of the database itself, so that whoever checks it compares rows with leaves and need not believe us.

A row's columns are written as PostgreSQL holds them, a tab between them. A value that holds a line break, as none of ours does, is
written in one line and then agrees with nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from psycopg import Connection

from portal.record.agreeing import ROW_TEXT, Row, stream
from portal.record.checkpoints import OF_THIS_SHARD
from portal.record.leaves import AT, LEAF
from portal.record.mirror import LEAVES_PER_FILE

WAITING = f"SELECT {ROW_TEXT}, convert_to({LEAF}, 'UTF8') FROM record_fact WHERE leaf_index IS NULL ORDER BY id"  # noqa: S608
CHAINS = f"""
SELECT convert_to(concat_ws(E'\\t', subject, seq, encode(head, 'hex'), coalesce({AT}, '\\N')), 'UTF8') FROM record_chain ORDER BY subject
"""  # noqa: S608 - constants
HEADS = "SELECT size, encode(root, 'hex'), encode(sha256(frontier), 'hex') FROM record_treehead ORDER BY size"
COSIGNED = f"""
SELECT kept.size, cosigned.witness, cosigned.line, extract(epoch FROM cosigned.at)::bigint
FROM record_cosignature AS cosigned LEFT JOIN record_checkpoint AS kept ON kept.id = cosigned.checkpoint_id
WHERE kept.id IS NULL OR {OF_THIS_SHARD} ORDER BY cosigned.id
"""  # noqa: S608 - constants


class Lines:
    """Writes lines, a million to a file."""

    def __init__(self, home: Path, ending: str) -> None:
        home.mkdir()
        self.home, self.ending, self.count, self.bytes = home, ending, 0, 0
        self._file: BinaryIO | None = None

    def add(self, lines: list[bytes]) -> None:
        while lines:
            if self.count % LEAVES_PER_FILE == 0:
                self.close()
                self._file = (self.home / f"{self.count // LEAVES_PER_FILE:06}.{self.ending}").open("wb")
            assert self._file is not None  # noqa: S101 - for the type checker
            some = lines[: LEAVES_PER_FILE - self.count % LEAVES_PER_FILE]
            self.bytes += self._file.write(b"\n".join(some) + b"\n")
            self.count += len(some)
            lines = lines[len(some) :]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Placed:
    """Writes the facts that have a place: leaves, and beside each, in a file of its own, its row."""

    def __init__(self, home: Path) -> None:
        self.leaves, self.rows = Lines(home / "leaves", "jsonl"), Lines(home / "rows", "tsv")

    def add(self, page: list[Row], _hashes: list[bytes]) -> None:
        self.leaves.add([row[5] for row in page])
        self.rows.add([one_line(row[7]) for row in page])

    def close(self) -> None:
        self.leaves.close()
        self.rows.close()


def one_line(text: bytes) -> bytes:
    return text.replace(b"\n", b"\\n") if b"\n" in text else text


def write_kept(connection: Connection[Any], into: Path) -> None:
    """Write what stands beside the facts that have a place."""
    waiting = stream(connection, "record_waiting", WAITING)
    _tabbed(into / "waiting.tsv", (b"\t".join((one_line(row), one_line(leaf))) for row, leaf in waiting))
    _tabbed(into / "chains.tsv", (one_line(row) for (row,) in stream(connection, "record_ends", CHAINS)))
    heads = ({"size": size, "root": root, "frontier": tree} for size, root, tree in stream(connection, "record_heads", HEADS))
    json_lines(into / "heads.jsonl", heads)
    cosigned = stream(connection, "record_cosigned", COSIGNED)
    json_lines(into / "cosignatures.jsonl", ({"size": one[0], "witness": one[1], "line": one[2], "at": one[3]} for one in cosigned))


def _tabbed(path: Path, lines: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in lines)


def json_lines(path: Path, rows: Iterator[dict[str, Any]]) -> int:
    """Write one JSON object a line; return how many."""
    count = 0
    with path.open("wb") as file:
        for row in rows:
            text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            file.write(text.encode(errors="backslashreplace") + b"\n")
            count += 1
    return count

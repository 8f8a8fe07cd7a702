"""Do one mutation, export, ask the stand-alone verifier, undo."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest import mock

from psycopg import Connection

from portal.record.exporting import NotExported, write
from portal.record.verifier import candour_verify
from tests.tamper.mutations import Mutation

MEMORY = Path("/dev/shm")  # noqa: S108 - each export is in a fresh directory of its own
VACUUM_EVERY = 400
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE conrelid::regclass::text = ANY(%s) AND (contype IN ('c', 'f') OR conname IN ('fact_subject_seq', 'fact_leaf_index'))
"""
TABLES = "record_fact", "record_chain", "record_treehead", "record_checkpoint", "record_cosignature", "record_stamp"


@dataclass
class Tally:
    """What came of it: how many were tried, and which were missed. `nothing`: mutations that changed nothing and count for nothing."""

    tried: int = 0
    nothing: int = 0
    missed: list[str] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)

    @property
    def found(self) -> int:
        return self.tried - len(self.missed)


def disarm(connection: Connection[Any]) -> None:
    """As whoever owns the tables or is superuser: triggers off, constraints gone. `connection` is in autocommit."""
    for table in TABLES:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
    for table, name in connection.execute(CONSTRAINTS, [list(TABLES)]).fetchall():
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
    for column in ("kind", "subject", "actor", "facts", "sealed", "at", "leaf", "leaf_hash"):
        connection.execute(f"ALTER TABLE record_fact ALTER COLUMN {column} DROP NOT NULL".encode())


def judge(connection: Connection[Any], keys: Sequence[str], receipts: Iterable[bytes]) -> candour_verify.Verdict:
    """The verifier's verdict on an export of what `connection` sees in its transaction."""
    home = Path(tempfile.mkdtemp(prefix="candour-tamper-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        write(connection, home)
        return candour_verify.verify_export(home, keys=keys, receipts=receipts)
    except NotExported as error:
        return candour_verify.Verdict(False, "not_exported", [str(error)])
    finally:
        shutil.rmtree(home)


def attack(connection: Connection[Any], mutations: Iterable[Mutation], keys: Sequence[str], held: bytes) -> Tally:
    """Try each mutation and undo it. `held`: the one receipt from before. `connection` is in autocommit and owns the tables."""
    tally = Tally()
    with signatures_remembered():
        for number, mutation in enumerate(mutations):
            if number % VACUUM_EVERY == 0:
                connection.execute("VACUUM " + ", ".join(TABLES))
            with connection.transaction(force_rollback=True):
                verdict = judge(connection, keys, [held]) if mutation.act(connection) else None
            if verdict is None:
                tally.nothing += 1
                continue
            tally.tried += 1
            tally.codes[verdict.code] = tally.codes.get(verdict.code, 0) + 1
            if verdict.good:
                tally.missed.append(f"{mutation.how} ({mutation.what})")
    return tally


@contextmanager
def signatures_remembered() -> Iterator[None]:
    """The same few signatures are checked ten thousand times: each is computed once. The function has no state, so no answer changes."""
    remembered = lru_cache(maxsize=4_096)(candour_verify.ed25519_verify)
    with mock.patch.object(candour_verify, "ed25519_verify", remembered):
        yield

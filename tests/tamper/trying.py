"""Do one mutation, export, ask the stand-alone verifier, undo.

The verifier is asked alone: what the exporter found out for itself (`disagreements.jsonl`) is taken out of the export first, and put
back only where the verifier found nothing.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest import mock

from psycopg import Connection

from portal.record.exporting import write
from portal.record.verifier import candour_verify
from tests.tamper.mutations import Mutation

MEMORY = Path("/dev/shm")  # noqa: S108 - each export is in a fresh directory of its own
VACUUM_EVERY = 400
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE conrelid::regclass::text = ANY(%s) AND (contype IN ('c', 'f') OR conname = 'fact_subject_seq')
"""
TABLES = "record_fact", "record_chain", "record_treehead", "record_checkpoint", "record_cosignature", "record_stamp"


OWN = "disagreements.jsonl"
# Sentences that the verifier comes to by comparing rows with leaves; every other is about leaves, checkpoints and the receipt.
BY_ROWS = "export_row", "export_waiting", "export_chain", "export_head", "export_kept"


@dataclass
class Tally:
    """What came of it: how many were tried, and which were missed. `nothing`: mutations that changed nothing and count for nothing.

    `signed`: found by the verifier in leaves, checkpoints and the receipt; `rows`: by the verifier, in the rows beside the leaves;
    `exporter`: by the exporter's own comparison and by nothing else.
    """

    tried: int = 0
    nothing: int = 0
    signed: int = 0
    rows: int = 0
    exporter: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)

    def add(self, mutation: Mutation, alone: candour_verify.Verdict, helped: candour_verify.Verdict) -> None:
        self.tried += 1
        self.codes[(alone if not alone.good else helped).code] += 1
        if not alone.good:
            self.rows += alone.code in BY_ROWS
            self.signed += alone.code not in BY_ROWS
        else:
            (self.missed if helped.good else self.exporter).append(f"{mutation.how} ({mutation.what})")


def disarm(connection: Connection[Any]) -> None:
    """As whoever owns the tables or is superuser: triggers off, constraints gone. `connection` is in autocommit."""
    for table in TABLES:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
    for table, name in connection.execute(CONSTRAINTS, [list(TABLES)]).fetchall():
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
    connection.execute(b"DROP INDEX fact_leaf_index")
    for column in ("kind", "subject", "actor", "facts", "sealed", "at", "prev", "leaf_hash", "leaf_version"):
        connection.execute(f"ALTER TABLE record_fact ALTER COLUMN {column} DROP NOT NULL".encode())


Verdicts = tuple[candour_verify.Verdict, candour_verify.Verdict]


def judge(connection: Connection[Any], keys: Sequence[str], receipts: Iterable[bytes], origin: str) -> Verdicts:
    """The verifier's verdict on an export of what `connection` sees in its transaction: alone, and with what the exporter says itself.

    `origin`: what the signer signs as, which an exporter knows without the database.
    """
    home = Path(tempfile.mkdtemp(prefix="candour-tamper-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        write(connection, home, origin)
        own = (home / OWN).read_bytes()
        (home / OWN).write_bytes(b"")
        alone = candour_verify.verify_export(home, keys=keys, receipts=receipts)
        (home / OWN).write_bytes(own)
        return alone, candour_verify.verify_export(home, keys=keys, receipts=receipts) if alone.good else alone
    finally:
        shutil.rmtree(home)


def attack(connection: Connection[Any], mutations: Iterable[Mutation], keys: Sequence[str], held: bytes) -> Tally:
    """Try each mutation and undo it. `held`: the one receipt from before. `connection` is in autocommit and owns the tables."""
    tally, origin = Tally(), keys[0].partition("+")[0]
    with signatures_remembered():
        for number, mutation in enumerate(mutations):
            if number % VACUUM_EVERY == 0:
                connection.execute("VACUUM " + ", ".join(TABLES))
            with connection.transaction(force_rollback=True):
                if mutation.act(connection):
                    tally.add(mutation, *judge(connection, keys, [held], origin))
                else:
                    tally.nothing += 1
    return tally


@contextmanager
def signatures_remembered() -> Iterator[None]:
    """The same few signatures are checked ten thousand times: each is computed once. The function has no state, so no answer changes."""
    remembered = lru_cache(maxsize=4_096)(candour_verify.ed25519_verify)
    with mock.patch.object(candour_verify, "ed25519_verify", remembered):
        yield

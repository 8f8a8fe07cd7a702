"""Witness logs: cosign a checkpoint only where it continues the last one cosigned (c2sp.org/tlog-witness@v1.0.0).

What was cosigned last is in an SQLite file, compared and replaced in one transaction and on the disk before the cosignature exists. So
a witness that is killed at any moment never goes back, and never signs two roots for one size.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from portal.record.notes import COSIGNATURE, BadNote, Key, check_name, cosign, public_key, signed_by
from portal.record.proofs import WrongProof, check_consistency
from portal.record.tree import EMPTY_ROOT
from portal.witness.keyring import CannotWitness, own_key
from portal.witness.submission import SIZE_TYPE, Submission, parse_submission

log = logging.getLogger(__name__)
BUSY_SECONDS = 5.0
TABLES = """
CREATE TABLE IF NOT EXISTS witness (name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tree (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, at INTEGER NOT NULL, note TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS contradiction (
    origin TEXT, size INTEGER, root BLOB, at INTEGER NOT NULL, cosigned TEXT NOT NULL, submitted TEXT NOT NULL,
    PRIMARY KEY (origin, size, root)
);
"""
KEEP = (
    "INSERT INTO tree (origin, size, root, at, note) VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin) "
    "DO UPDATE SET size = excluded.size, root = excluded.root, at = excluded.at, note = excluded.note"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a log is told. `body` ends in a newline."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Seen:
    """The last checkpoint cosigned for a log. `at`: what its cosignature says, in seconds since 1970; 0 before the first."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    at: int = 0
    note: str = ""


class Witness:
    """`home`: a directory of its own, with the key and the memory, both made on the first run. `logs`: the keys it trusts."""

    def __init__(self, home: Path, *, name: str, logs: Sequence[Key], clock: Callable[[], float] = time.time) -> None:
        """Raises CannotWitness, and OSError where the directory may not be used."""
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        key, memory = home / "witness.pem", home / "witness.sqlite"
        if key.exists() and not memory.exists():
            raise CannotWitness(f"{memory} is gone, and with it what {key} signed: begin anew, under another name, in another directory")
        self._logs, self._clock, self._lock = logs, clock, Lock()
        try:
            check_name(name)
            self._memory = sqlite3.connect(memory, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            self._prepare(name)
        except (BadNote, sqlite3.Error) as error:
            raise CannotWitness(f"{home}: {error}") from error
        self._private = own_key(key)
        self.key = public_key(name, COSIGNATURE, self._private)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Look at a submission; cosign it where all is well."""
        try:
            submission = parse_submission(body)
        except BadNote as error:
            return Answer(400, f"{error}\n")
        trusted = [key for key in self._logs if key.name == submission.head.origin]
        if not trusted:
            return Answer(404, "this witness does not know that log\n")
        try:
            signed = signed_by(submission.note, trusted)
        except BadNote:
            signed = {}
        if not signed:
            return Answer(403, "no key of that log signed the checkpoint\n")
        if submission.old > submission.head.size:
            return Answer(400, "the old size is above the size of the checkpoint\n")
        try:
            with self._transaction():
                at = self._accept(submission)
        except sqlite3.Error as error:
            log.error("nothing can be kept, so nothing is cosigned: %s", error)
            return Answer(503, "this witness cannot keep what it sees just now\n")
        if isinstance(at, Answer):
            return at
        return Answer(200, str(cosign(submission.note.text, name=self.key.name, private=self._private, at=at)))

    def described(self) -> str:
        """Who the witness is, how far it has seen each log, and whatever a log signed that contradicts what it signed before."""
        with self._lock:
            trees = self._memory.execute("SELECT origin, size, at FROM tree ORDER BY origin").fetchall()
            rows = self._memory.execute("SELECT cosigned, submitted FROM contradiction ORDER BY at, origin").fetchall()
        lines = [f"witness {self.key.name}", str(self.key), ""]
        lines += [f"{origin} {size} {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(at))}" for origin, size, at in trees]
        lines += ["\nTwo trees of one size, both signed by the log:\n\n" + "\n".join(row) for row in rows]
        return "\n".join(lines) + "\n"

    def close(self) -> None:
        with self._lock:
            self._memory.close()

    def _accept(self, submission: Submission) -> int | Answer:
        """Keep the checkpoint as the newest one, inside a transaction; the time to sign it with, or why it is refused."""
        head, seen = submission.head, self._seen(submission.head.origin)
        now = max(int(self._clock()), seen.at)
        if head.size == seen.size and head.root != seen.root:
            row = (head.origin, head.size, head.root, now, seen.note, str(submission.note))
            self._memory.execute("INSERT OR IGNORE INTO contradiction VALUES (?, ?, ?, ?, ?, ?)", row)
        if submission.old != seen.size:
            return Answer(409, f"{seen.size}\n", SIZE_TYPE)
        if head.size == seen.size and head.root != seen.root:
            return Answer(409, "this witness cosigned another root for that size\n")
        try:
            check_consistency(old=seen.size, new=head.size, old_root=seen.root, new_root=head.root, path=submission.proof)
        except WrongProof as error:
            return Answer(422, f"{error}\n")
        self._memory.execute(KEEP, (head.origin, head.size, head.root, now, str(submission.note)))
        return now

    def _seen(self, origin: str) -> Seen:
        row = self._memory.execute("SELECT size, root, at, note FROM tree WHERE origin = ?", (origin,)).fetchone()
        return Seen(*row) if row else Seen()

    def _prepare(self, name: str) -> None:
        """Make the tables, on a file whose commits are on the disk before they return; a key keeps the name it first signed under."""
        self._memory.execute("PRAGMA journal_mode = WAL")
        self._memory.execute("PRAGMA synchronous = FULL")
        self._memory.executescript(TABLES)
        with self._transaction():
            self._memory.execute("INSERT INTO witness (name) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM witness)", (name,))
            first = self._memory.execute("SELECT name FROM witness").fetchone()[0]
        if first != name:
            raise CannotWitness(f"this witness is {first}: another name needs a key and a directory of its own")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Alone in this process by the lock, and among processes by SQLite's."""
        with self._lock:
            self._memory.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._memory.execute("COMMIT")
            except BaseException:
                if self._memory.in_transaction:
                    self._memory.execute("ROLLBACK")
                raise

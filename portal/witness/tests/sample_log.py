"""A log to witness, and a witness that runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from portal.record.checkpoints import Checkpoint
from portal.record.notes import NOTE, Key, Note, parse_key, public_key, sign
from portal.record.tiles import Tiles
from portal.record.tree import leaf_hash
from portal.witness.submission import Submission

ORIGIN, WITNESS = "log.example/record", "witness.example/w1"


class SampleLog:
    """Leaves `<word> 0`, `<word> 1`, …: two logs of another word are two views of one log."""

    def __init__(self, home: Path, *, leaves: int, word: str = "leaf", origin: str = ORIGIN, seed: int = 1) -> None:
        self.origin, self.private = origin, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.tiles = Tiles(home)
        self.tiles.grow([leaf_hash(f"{word} {number}".encode()) for number in range(leaves)])

    @property
    def key(self) -> Key:
        return public_key(self.origin, NOTE, self.private)

    def note(self, size: int, *, root: bytes | None = None, extension: str = "") -> Note:
        text = str(Checkpoint(self.origin, size, self.tiles.root(size) if root is None else root)) + extension
        return Note(text, (sign(text, name=self.origin, private=self.private),))

    def submission(self, old: int, size: int) -> Submission:
        return Submission(
            old, tuple(self.tiles.consistency(old, size)), Checkpoint(self.origin, size, self.tiles.root(size)), self.note(size)
        )

    def body(self, old: int, size: int) -> bytes:
        return str(self.submission(old, size)).encode()


class Running:
    """A witness that listens. `vkey` is what it says of itself when it starts."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.vkey = process.stdout.readline().strip()
        self.url = process.stdout.readline().strip().removeprefix("listening at ").rstrip("/")

    @property
    def key(self) -> Key:
        return parse_key(self.vkey)

    def connection(self) -> HTTPConnection:
        return HTTPConnection(urlsplit(self.url).netloc, timeout=10)

    def ask(self, body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, str]:
        """Status, Content-Type and body."""
        connection = self.connection()
        try:
            connection.request("POST", path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
        finally:
            connection.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(10)


@contextmanager
def running(home: Path, *logs: Key, name: str = WITNESS) -> Iterator[Running]:
    """A witness started with nothing in its environment: no settings and no servers."""
    trusted = home.with_name(f"{home.name}.logs")
    trusted.write_text("# the logs this witness trusts\n" + "".join(f"{key}\n" for key in logs))
    command = [sys.executable, "-m", "portal.witness.serving", "--name", name, "--home", str(home), "--logs", str(trusted), "--port", "0"]
    pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env={}, stdout=pipe, stderr=quiet, text=True)
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()

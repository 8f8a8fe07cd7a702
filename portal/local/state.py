"""The directory everything local lives in: secrets made once, stamps of work already done, and one run at a time."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]


class AlreadyRunning(Exception):
    """Another run holds this state directory; the text names its process."""


class State:
    """`${STATE_DIR:-.local}`."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.home.mkdir(parents=True, exist_ok=True)

    def hold(self) -> None:
        """Keep other runs out until this process ends. Raises AlreadyRunning."""
        path = self.home / "run.pid"
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise AlreadyRunning(
                f"Candour is already running from {self.home} (process {path.read_text().strip() or 'unknown'})."
            ) from None
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())

    def secrets(self) -> dict[str, str]:
        """The portal's secrets: made at the first run, for the owner's eyes alone, the same ever after."""
        path = self.home / "secrets.env"
        if not path.exists():
            made = {
                "SECRET_KEY": secrets.token_urlsafe(48),
                "VAULT_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
                "REDIS_PASSWORD": secrets.token_hex(24),
            }
            draft = path.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.chmod(0o600)
            draft.write_text("".join(f"{name}={value}\n" for name, value in made.items()))
            draft.rename(path)
        return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)

    def stamp(self, name: str) -> str:
        """What `set_stamp` last kept under `name`, or nothing."""
        path = self.home / "stamps" / name
        return path.read_text() if path.exists() else ""

    def set_stamp(self, name: str, value: str) -> None:
        path = self.home / "stamps" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(value)


def fingerprint(paths: Iterable[Path], *, contents: bool) -> str:
    """Changes when a file under `paths` does: by contents, or by size and time where reading them all would take long."""
    seen = hashlib.sha256()
    for path in sorted(file for top in paths for file in ([top] if top.is_file() else top.rglob("*")) if file.is_file()):
        facts = path.stat()
        seen.update(str(path).encode())
        seen.update(path.read_bytes() if contents else f"{facts.st_size} {facts.st_mtime_ns}".encode())
    return seen.hexdigest()

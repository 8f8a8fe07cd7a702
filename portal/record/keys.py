"""The record's keys: Ed25519, made at the first need, kept in files outside the database (docs/record.md has the ceremony).

`log.pem` signs checkpoints and only the clock reads it; `log-next.pem` is there while it is replaced, and then both sign. `portal.pem`
signs promises and words, and the web processes read it. Beside each private key lies its public half (`.pub`: 32 bytes in
base64), which everybody may read.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from portal.record import places
from portal.record.mirror import sync_directory
from portal.record.notes import NOTE, Key, decode64, encode64

LOG, NEXT, PORTAL = "log", "log-next", "portal"


class UnusableKey(Exception):
    """A key file that holds no Ed25519 private key; the text says which."""


def private_key(name: str) -> Ed25519PrivateKey:
    """The key of that name, made if it was never made. Raises UnusableKey, and OSError for a file that may not be read."""
    path = _path(name)
    if not path.exists():
        make(name)
    return _load(path, path.stat().st_mtime_ns)


def log_keys() -> list[Ed25519PrivateKey]:
    """The keys that sign checkpoints: one, or two while it is replaced."""
    return [private_key(LOG), *([private_key(NEXT)] if _path(NEXT).exists() else [])]


def public_keys(origin: str) -> list[Key]:
    """The keys to trust, as type 0x01: the log's, oldest first, then the portal's. Those not made yet are left out."""
    names = [(LOG, origin), (NEXT, origin), (PORTAL, portal_name(origin))]
    return [Key(as_name, NOTE, decode64(path.read_text().strip())) for name, as_name in names if (path := _public(name)).exists()]


def portal_name(origin: str) -> str:
    """The name that promises and words are signed under."""
    return f"{origin}/portal"


def make(name: str) -> None:
    """Make a key that is not there yet; where two processes do, both end with the one that was first."""
    home = places.keys()
    home.mkdir(parents=True, exist_ok=True, mode=0o755)
    key = Ed25519PrivateKey.generate()
    draft = home / f".{name}.{os.getpid()}"
    _write(draft, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    try:
        os.link(draft, _path(name))
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    kept = _load(_path(name), _path(name).stat().st_mtime_ns)
    _write(draft, f"{encode64(kept.public_key().public_bytes_raw())}\n".encode(), 0o644)
    draft.rename(_public(name))
    sync_directory(home)


def _write(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@lru_cache(maxsize=16)
def _load(path: Path, _changed: int) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise UnusableKey(f"{path.name} in the record's keys is not a private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableKey(f"{path.name} in the record's keys is not an Ed25519 key")
    return key


def _path(name: str) -> Path:
    return places.keys() / f"{name}.pem"


def _public(name: str) -> Path:
    return places.keys() / f"{name}.pub"

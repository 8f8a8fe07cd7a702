"""The record's keys: Ed25519, made at the first need, kept in files outside the database (docs/record.md has the ceremony).

`log.pem` signs checkpoints and only the clock reads it; `log-next.pem` is there while it is replaced, and then both sign;
`log-prepared.pem` is to be the next and signs nothing yet. `portal.pem` signs promises and words, and the web processes read it. Beside
each private key lies its public half (`.pub`: 32 bytes in base64), which everybody may read. `retired/` holds the vkeys that signed once
and sign no more: what they signed stays good.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from portal.record import places
from portal.record.disk import make_once, replace, sync_directory
from portal.record.notes import NOTE, Key, decode64, encode64, parse_key

LOG, NEXT, PREPARED, PORTAL, PORTAL_NEXT = "log", "log-next", "log-prepared", "portal", "portal-next"
RETIRED = "retired"


class UnusableKey(Exception):
    """A key file that holds no Ed25519 private key; the text says which."""


def private_key(name: str) -> Ed25519PrivateKey:
    """The key of that name, made if it was never made. Raises UnusableKey, and OSError for a file that may not be read.

    One that is gone is not made anew: everybody who noted its public half would refuse what the new one signs.
    """
    path = _path(name)
    if not path.exists():
        if _public(name).exists() and not path.exists():  # looked for again: somebody may have made both meanwhile
            raise UnusableKey(f"{path.name} is gone from the record's keys, and {name}.pub is still there: put {path.name} back")
        make(name)
    return _load(path, path.stat().st_mtime_ns)


def log_keys() -> list[Ed25519PrivateKey]:
    """The keys that sign checkpoints: one, or two while it is replaced."""
    current = private_key(LOG)
    try:
        return [current, _load(_path(NEXT), _path(NEXT).stat().st_mtime_ns)]
    except FileNotFoundError:
        return [current]


def exists(name: str) -> bool:
    return _path(name).exists()


def public_keys(origin: str) -> list[Key]:
    """The keys to trust, as type 0x01: the log's, oldest first, then the portal's. Those not made yet are left out."""
    names = [(LOG, origin), (NEXT, origin), (PORTAL, portal_name(origin))]
    return [key for name, as_name in names if (key := public(name, as_name))]


def public(name: str, as_name: str) -> Key | None:
    """The public half of the key `name` as type 0x01 under the name `as_name`, None where it was not made yet."""
    path = _public(name)
    return Key(as_name, NOTE, decode64(path.read_text().strip())) if path.exists() else None


def retired_keys() -> list[Key]:
    """The keys that signed once and sign no more, in no order that means anything. Raises BadNote for a file that is not one."""
    return [parse_key(path.read_text().strip()) for path in sorted((places.keys() / RETIRED).glob("*.vkey"))]


def retire(key: Key) -> None:
    """Keep a public key among the retired ones; again does nothing."""
    home = places.keys() / RETIRED
    home.mkdir(parents=True, exist_ok=True, mode=0o755)
    replace(home / f"{key.key_id.hex()}.vkey", f"{key}\n".encode(), 0o644)


def succeed(name: str, following: str) -> None:
    """Put the key `following` in the place of `name`, whose private half is gone with that. Whatever was done of it already is left."""
    for place in (_path, _public):
        with suppress(FileNotFoundError):
            place(following).rename(place(name))
    sync_directory(places.keys())


def portal_name(origin: str) -> str:
    """The name that promises and words are signed under."""
    return f"{origin}/portal"


def make(name: str) -> None:
    """Make a key that is not there yet; where two processes do, both end with the one that was first."""
    home = places.keys()
    home.mkdir(parents=True, exist_ok=True, mode=0o755)
    key = Ed25519PrivateKey.generate()
    make_once(_path(name), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    kept = _load(_path(name), _path(name).stat().st_mtime_ns)
    replace(_public(name), f"{encode64(kept.public_key().public_bytes_raw())}\n".encode(), 0o644)


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

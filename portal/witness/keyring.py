"""The keys of a witness: its own, and those of the logs it trusts."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from portal.record.disk import make_once
from portal.record.notes import BadNote, Key, parse_key


class CannotWitness(Exception):
    """The witness cannot start; the text says why."""


def own_key(path: Path) -> Ed25519PrivateKey:
    """The witness's private key, made where there is none. Raises CannotWitness."""
    if not path.exists():
        _make_key(path)
    if path.stat().st_mode & 0o077:
        raise CannotWitness(f"{path} can be read by others: chmod 600 it")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise CannotWitness(f"{path} is not a private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotWitness(f"{path} is not an Ed25519 key")
    return key


def _make_key(path: Path) -> None:
    """Whole or not at all; where two processes make one, the first stays."""
    make_once(path, Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)


def read_logs(path: Path) -> list[Key]:
    """The log keys in a file: a vkey a line; empty lines and lines that begin with # are passed over. Raises CannotWitness and OSError."""
    keys: dict[bytes, Key] = {}
    for number, line in enumerate(path.read_bytes().decode(errors="replace").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            key = parse_key(line.strip())
        except BadNote as error:
            raise CannotWitness(f"{path}, line {number}: {error}") from error
        if key.public in keys:
            raise CannotWitness(f"{path}, line {number}: this key stands above already")
        keys[key.public] = key
    if not keys:
        raise CannotWitness(f"{path} names no log: put a log's vkey in it, one a line")
    return list(keys.values())

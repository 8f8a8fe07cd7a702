"""Files, sealed on disk as they came, in pieces, so that a large one never sits whole in memory while it is stored.

Format: for each piece of up to 1 MiB, 4 bytes of big-endian length and an AES-256-GCM ciphertext. Piece n's nonce is the item's
nonce plus n; its associated data holds container, name, n and whether it is the last, so pieces cannot be dropped, moved or added.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction

from portal.vault.keys import NONCE_BYTES
from portal.vault.models import Item
from portal.vault.sealing import SALT_BYTES, Missing, Opened, associated, commitment, data_key, data_key_to_seal

PIECE_BYTES = 1024 * 1024
FORGET = "DELETE FROM vault_item WHERE container_id = %s AND name = ANY(%s) RETURNING nonce, sealed IS NULL"


def store_file(*, container: uuid.UUID, name: str, chunks: Iterable[bytes]) -> str:
    """Seal a file under `name` and return its commitment: HMAC-SHA256(salt, SHA-256 of the file).

    The bytes reach the disk (fsync) before the row does, so a row never names a file that is not there; a file whose transaction
    did not commit is removed by `sweeping.sweep_files`. Raises Erased, Container.DoesNotExist and RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("vault.store_file belongs inside a transaction")
    salt, nonce, digest, size = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES), hashlib.sha256(), 0
    path = _path(container, nonce)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    cipher = AESGCM(data_key_to_seal(container))
    with path.open("xb") as file:
        pieces = _pieces(salt, chunks)
        for number, (piece, last) in enumerate(pieces):
            digest.update(piece[SALT_BYTES:] if number == 0 else piece)
            size += len(piece)
            _write(file, cipher.encrypt(_nonce(nonce, number), piece, _bound(container, name, number, last)))
        file.flush()
        os.fsync(file.fileno())
    Item.objects.create(container_id=container, name=name, nonce=nonce, sealed=None, size=size - SALT_BYTES)
    return commitment(salt, digest.digest())


def open_file(container: uuid.UUID, name: str) -> bytes:
    """The file as it was stored. Raises Erased, Missing, and cryptography's InvalidTag for a file changed on disk."""
    return b"".join(_opened(container, name))[SALT_BYTES:]


def open_digest(container: uuid.UUID, name: str) -> Opened:
    """The salt of a file's commitment and, as its value, the file's SHA-256; never the whole file at once. Raises as `open_file`."""
    pieces = _opened(container, name)
    first = next(pieces)
    digest = hashlib.sha256(first[SALT_BYTES:])
    for piece in pieces:
        digest.update(piece)
    return Opened(first[:SALT_BYTES], digest.digest())


def forget(*, container: uuid.UUID, names: Iterable[str]) -> None:
    """Delete values and files sealed under `names`, every generation: for what was taken back before any fact told of it."""
    if not connection.in_atomic_block:
        raise RuntimeError("vault.forget belongs inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [container, list(names)])
        _unlink_on_commit(container, [bytes(nonce) for nonce, is_file in cursor.fetchall() if is_file])


def remove_files(container: uuid.UUID) -> None:
    """Delete the container's files, once the erasure has committed."""
    files = Item.objects.filter(container_id=container, sealed__isnull=True)
    _unlink_on_commit(container, [bytes(nonce) for nonce in files.values_list("nonce", flat=True)])


def _unlink_on_commit(container: uuid.UUID, nonces: Iterable[bytes]) -> None:
    for nonce in nonces:
        # robust: a file that can't be unlinked is logged and left to the sweep; the others go
        transaction.on_commit(partial(_path(container, nonce).unlink, missing_ok=True), robust=True)


def _path(container: uuid.UUID, nonce: bytes) -> Path:
    return Path(settings.VAULT_FILES) / container.hex[:2] / f"{container.hex}-{nonce.hex()}"


def _nonce(base: bytes, number: int) -> bytes:
    place: int = (int.from_bytes(base) + number) % (1 << 8 * NONCE_BYTES)
    return place.to_bytes(NONCE_BYTES)


def _bound(container: uuid.UUID, name: str, number: int, last: bool) -> bytes:
    return associated(container, name) + number.to_bytes(4) + bytes([last])


def _pieces(salt: bytes, chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    held = bytearray(salt)
    for chunk in chunks:
        held += chunk
        while len(held) > PIECE_BYTES:
            yield bytes(held[:PIECE_BYTES]), False
            del held[:PIECE_BYTES]
    yield bytes(held), True


def _opened(container: uuid.UUID, name: str) -> Iterator[bytes]:
    """The salt and then the file, in pieces, the first of which holds the whole salt."""
    item = Item.objects.filter(container_id=container, name=name, sealed__isnull=True).order_by("-id").first()
    if item is None:
        raise Missing(name)
    cipher, nonce = AESGCM(data_key(container)), bytes(item.nonce)
    with _path(container, nonce).open("rb") as file:
        for number, (piece, last) in enumerate(_read(file)):
            yield cipher.decrypt(_nonce(nonce, number), piece, _bound(container, name, number, last))


def _write(file: BinaryIO, sealed: bytes) -> None:
    file.write(len(sealed).to_bytes(4) + sealed)


def _read(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    head = file.read(4)
    while head:
        piece = file.read(int.from_bytes(head))
        head = file.read(4)
        yield piece, not head

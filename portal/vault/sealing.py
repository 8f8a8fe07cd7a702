"""Seal, read and erase private values. What a fact may hold of them is a keyed hash that says nothing once the salt is gone."""

from __future__ import annotations

import hmac
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from django.db.models.functions import Now

from portal.postgres.base import Row, rows
from portal.vault.keys import NONCE_BYTES, new_data_key, unwrap
from portal.vault.models import Container, Item

SALT_BYTES = 32
KEY = "SELECT wrapped_key FROM vault_container WHERE id = %s"
KEY_HELD = KEY + " FOR SHARE"
KEEP = """
INSERT INTO vault_item (container_id, name, nonce, sealed, size)
SELECT %s::uuid, item.* FROM unnest(%b::text[], %b::bytea[], %b::bytea[], %b::bigint[]) AS item RETURNING 1
"""
# The wrapped key with the newest item of each name, or with nothing beside it.
OPEN = """
SELECT container.wrapped_key, item.name, item.nonce, item.sealed
FROM vault_container AS container LEFT JOIN LATERAL (
    SELECT DISTINCT ON (name) name, nonce, sealed FROM vault_item
    WHERE container_id = container.id AND sealed IS NOT NULL AND (%(every)s::boolean OR name = ANY(%(names)s::text[]))
    ORDER BY name, id DESC
) AS item ON true
WHERE container.id = %(container)s
"""


class Erased(Exception):
    """The container's key was destroyed: nothing in it can be read again."""


class Missing(Exception):
    """Nothing was ever sealed under this name."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One value read back, with the salt its hash was made with."""

    salt: bytes
    value: bytes


def open_container(*, purpose: str) -> uuid.UUID:
    """Make a container with a data key of its own and return its id."""
    key = uuid.uuid4()
    _, wrapped = new_data_key(key)
    Container.objects.create(id=key, purpose=purpose, wrapped_key=wrapped)
    return key


def seal(*, container: uuid.UUID, values: Mapping[str, str | bytes]) -> dict[str, str]:
    """Seal each value under its name and return `{name: "hmac-sha256:<hex>"}` for the fact that tells of it.

    The hash is HMAC-SHA256(random 32-byte salt, value); salt and value are encrypted together. An erasure waits until the transaction
    ends. Raises Erased, Container.DoesNotExist and RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("vault.seal belongs inside a transaction")
    key = data_key_to_seal(container)
    commitments: dict[str, str] = {}
    items: list[tuple[str, bytes, bytes, int]] = []
    for name, value in values.items():
        plain, salt, nonce = value.encode() if isinstance(value, str) else bytes(value), os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
        items.append((name, nonce, AESGCM(key).encrypt(nonce, salt + plain, associated(container, name)), len(plain)))
        commitments[name] = commitment(salt, plain)
    if items:
        rows(KEEP, [container, *(list(column) for column in zip(*items, strict=True))])
    return commitments


def open_all(container: uuid.UUID, *names: str) -> dict[str, Opened]:
    """Salts and newest values of the names asked for, or of every name. Raises Erased, and Missing for a name never sealed."""
    found = rows(OPEN, {"container": container, "every": not names, "names": list(names)})
    key = _unwrapped(container, found)
    opened: dict[str, Opened] = {}
    for _, name, nonce, sealed in found:
        if name is not None:
            plain = AESGCM(key).decrypt(nonce, sealed, associated(container, name))
            opened[name] = Opened(plain[:SALT_BYTES], plain[SALT_BYTES:])
    if missing := set(names) - set(opened):
        raise Missing(", ".join(sorted(missing)))
    return opened


def open_sealed(container: uuid.UUID, *names: str) -> dict[str, bytes]:
    """Newest values of the names asked for, or of every name. Raises as `open_all`."""
    return {name: opened.value for name, opened in open_all(container, *names).items()}


def read_text(container: uuid.UUID, *names: str) -> dict[str, str]:
    """As `open_sealed`, decoded from UTF-8."""
    return {name: value.decode() for name, value in open_sealed(container, *names).items()}


def erase(container: uuid.UUID) -> None:
    """Destroy the container's key and every sealed value, file and salt in it. Facts about them stand, and still verify.

    Whoever is sealing into the container is waited for; whoever comes later finds Erased. Files are unlinked once the transaction has
    committed; what a crash leaves of them `sweeping.sweep_files` removes, and without the key it is noise. A second time changes
    nothing. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("vault.erase belongs inside a transaction")
    from portal.vault.files import remove_files

    Container.objects.filter(pk=container, erased_at__isnull=True).update(wrapped_key=None, erased_at=Now())
    remove_files(container)  # after the row is ours: by now every file that was being stored has its row
    Item.objects.filter(container_id=container).delete()


def is_erased(container: uuid.UUID) -> bool:
    """Whether `erase` destroyed it. For the containers of a query's rows: `models.erased`."""
    return Container.objects.filter(pk=container, erased_at__isnull=False).exists()


def commitment(salt: bytes, value: bytes) -> str:
    return "hmac-sha256:" + hmac.new(salt, value, "sha256").hexdigest()


def associated(container: uuid.UUID, name: str) -> bytes:
    """What a ciphertext is bound to, so that it opens under its own name and container alone."""
    return container.bytes + name.encode()


def data_key(container: uuid.UUID) -> bytes:
    """The key to read with. Raises Erased and Container.DoesNotExist."""
    return _unwrapped(container, rows(KEY, [container]))


def data_key_to_seal(container: uuid.UUID) -> bytes:
    """The key to seal with, held until the transaction ends: what is sealed under it is then never left behind by an erasure."""
    return _unwrapped(container, rows(KEY_HELD, [container]))


def _unwrapped(container: uuid.UUID, found: list[Row]) -> bytes:
    """The data key, from rows that begin with it wrapped."""
    if not found:
        raise Container.DoesNotExist(str(container))
    if found[0][0] is None:
        raise Erased(str(container))
    return unwrap(container, bytes(found[0][0]))

"""Keys: one master key from the environment, one data key for each container, AES-256-GCM for both (NIST SP 800-38D)."""

from __future__ import annotations

import base64
import hmac
import os
import uuid
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12


@cache
def master_key() -> AESGCM:
    """The key in VAULT_KEY: base64 of 32 bytes. Raises ImproperlyConfigured for anything else."""
    return AESGCM(_master_bytes())


def _master_bytes() -> bytes:
    try:
        key = base64.b64decode(settings.VAULT_KEY, validate=True)
    except ValueError as error:
        raise ImproperlyConfigured("VAULT_KEY is not base64") from error
    if len(key) != 32:
        raise ImproperlyConfigured(f"VAULT_KEY holds {len(key)} bytes; it must hold 32")
    return key


def keyed_digest(purpose: str, text: str) -> str:
    """HMAC-SHA256 in hex under a key of this purpose, derived from the master key: equal texts can be told without being read.

    Whoever has the database without the key learns which are equal and nothing else.
    """
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"candour {purpose}".encode()).derive(_master_bytes())
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def new_data_key(container: uuid.UUID) -> tuple[bytes, bytes]:
    """A fresh 32-byte key and its wrapped form (nonce ‖ ciphertext), bound to the container's id."""
    key, nonce = AESGCM.generate_key(256), os.urandom(NONCE_BYTES)
    return key, nonce + master_key().encrypt(nonce, key, container.bytes)


def unwrap(container: uuid.UUID, wrapped: bytes) -> bytes:
    """The data key. Raises ImproperlyConfigured where this master key did not wrap it."""
    try:
        return master_key().decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], container.bytes)
    except InvalidTag as error:
        raise ImproperlyConfigured("VAULT_KEY is not the key that this vault was sealed with") from error

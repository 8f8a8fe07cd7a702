"""The key that signs what we send to push services (RFC 8292): made at the first need, in a file outside the database.

Browsers that subscribed did so for this key. A lost one is replaced by itself, and everybody has to turn notifications on again.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode

from portal.record.disk import make_once

PRIVATE = 0o600


def application_key() -> str:
    """The public half, as a browser wants it when it subscribes."""
    spelled: str = b64urlencode(_key().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    return spelled


def headers(*, audience: str, until: int) -> dict[str, str]:
    """`audience`: scheme and host of the push service. `until`: seconds since 1970, at most a day ahead."""
    signed: dict[str, str] = _key().sign({"aud": audience, "exp": until, "sub": settings.PUSH_CONTACT})
    return signed


def _key() -> Vapid02:
    path = settings.PUSH_KEY_FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        private = ec.generate_private_key(ec.SECP256R1())
        make_once(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), PRIVATE)
    return _load(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: str, _changed: int) -> Vapid02:
    return Vapid02.from_file(path)

"""Where the record keeps what is not in the database: keys, the signer's state, the mirror of leaves, and the tree's hashes."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from portal.record.mirror import Mirror
from portal.record.tiles import Tiles


def home() -> Path:
    return Path(settings.RECORD_DIR)


def keys() -> Path:
    return home() / "keys"


def state() -> Path:
    return home() / "signer.json"


def halted() -> Path:
    """Is there, with the reason in it, while the signer's own findings keep the portal read-only (`portal.record.standing`)."""
    return home() / "halted.txt"


def shards() -> Path:
    """Where the files of shards that were ended are kept, each under its number."""
    return home() / "shards"


def tiles() -> Tiles:
    return Tiles(home() / "tiles")


def mirror() -> Mirror:
    return Mirror(home() / "leaves")

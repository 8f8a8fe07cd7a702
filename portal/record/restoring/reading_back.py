"""A leaf of the mirror read back into the row it was made from (docs/record-format.md, "A fact")."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.record.canonical import canonical, iso
from portal.record.tree import leaf_hash

MEMBERS = {"actor", "at", "facts", "kind", "prev", "sealed", "seq", "subject", "v"}


class BadLeaf(ValueError):
    """A line of the mirror that is no leaf."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """`key`: the row's id, None in a leaf of version 1. `before`: hash of the link before it, 32 bytes, zeros at the first."""

    hash: bytes
    key: int | None
    kind: str
    subject: str
    actor: str
    facts: str
    sealed: str
    seq: int
    at: datetime
    before: bytes


def read_leaf(text: str) -> Leaf:
    """Raises BadLeaf for anything but the one spelling of a leaf."""
    try:
        said: dict[str, Any] = json.loads(text)
        version = said["v"]
        if set(said) != MEMBERS | ({"id"} if version == 2 else set()) or version not in (1, 2) or canonical(said) != text:
            raise BadLeaf("its members are not those of a fact")
        at = datetime.fromisoformat(said["at"])
        if iso(at) != said["at"]:
            raise BadLeaf("its time is not spelled as facts spell it")
        return Leaf(
            leaf_hash(text.encode()), said.get("id"), said["kind"], said["subject"], said["actor"],
            canonical(said["facts"]), canonical(said["sealed"]), said["seq"], at, bytes.fromhex(said["prev"]),
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadLeaf(str(error)) from error

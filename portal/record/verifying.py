"""Recompute the whole record from its rows and name the first fact that disagrees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from portal.record.canonical import canonical, iso
from portal.record.models import Chain, Fact, TreeHead
from portal.record.tree import Frontier, leaf_hash

PAGE = 2_000
NOTHING_BEFORE = "0" * 64


class Mismatch(Exception):
    """The record does not agree with itself; the text says where."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked: facts in the tree, its root, and committed facts that have no place in it yet."""

    size: int
    root: bytes
    waiting: int
    subjects: int


def verify() -> Verified:
    """Check every fact, chain and tree head in one snapshot. Raises Mismatch at the first that disagrees.

    Memory grows with the number of subjects (one hash each), not of facts.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        chains: dict[str, tuple[int, bytes]] = {}
        frontier = _verify_tree(chains)
        waiting = sum(_follow(chains, fact) for fact in Fact.objects.unsequenced().order_by("id").iterator(PAGE))
        _verify_heads(chains)
        return Verified(frontier.size, frontier.root(), waiting, len(chains))


def _verify_tree(chains: dict[str, tuple[int, bytes]]) -> Frontier:
    frontier, heads = Frontier(), _heads()
    head = next(heads, None)
    for fact in Fact.objects.sequenced().iterator(PAGE):
        if fact.leaf_index != frontier.size:
            raise Mismatch(f"leaf {frontier.size} is missing: the next fact is {fact} at leaf {fact.leaf_index}")
        _follow(chains, fact)
        frontier.push(bytes(fact.leaf_hash))
        if head is not None and head.size == frontier.size:
            if bytes(head.root) != frontier.root() or bytes(head.frontier) != bytes(frontier):
                raise Mismatch(f"the tree of {head.size} leaves no longer has the root it was given at {iso(head.at)}")
            head = next(heads, None)
    if head is not None:
        raise Mismatch(f"a tree of {head.size} leaves was recorded, but only {frontier.size} facts have a place")
    return frontier


def _follow(chains: dict[str, tuple[int, bytes]], fact: Fact) -> int:
    """Check one fact against its own columns and the link before it."""
    seq, previous = chains.get(fact.subject, (0, b""))
    if fact.subject_seq != seq + 1:
        raise Mismatch(f"{fact} should be number {seq + 1} of its subject")
    if fact.leaf != leaf_of(fact, previous.hex() or NOTHING_BEFORE):
        raise Mismatch(f"{fact} does not say what its leaf says")
    if bytes(fact.leaf_hash) != leaf_hash(fact.leaf.encode()):
        raise Mismatch(f"{fact} does not have the hash of its leaf")
    chains[fact.subject] = (fact.subject_seq, bytes(fact.leaf_hash))
    return 1


def leaf_of(fact: Fact, previous: str) -> str:
    """The canonical JSON that `fact`'s columns make, after a link whose hash is `previous` (hexadecimal)."""
    parts: dict[str, Any] = {
        "actor": fact.actor, "at": iso(fact.at), "facts": json.loads(fact.facts), "kind": fact.kind, "prev": previous,
        "sealed": json.loads(fact.sealed), "seq": fact.subject_seq, "subject": fact.subject, "v": 1,
    }  # fmt: skip
    return canonical(parts if fact.leaf.endswith(',"v":1}') else parts | {"id": fact.pk, "v": 2})


def _verify_heads(chains: dict[str, tuple[int, bytes]]) -> None:
    kept = 0
    for chain in Chain.objects.iterator(PAGE):
        kept += 1
        if chains.get(chain.subject) != (chain.seq, bytes(chain.head)):
            raise Mismatch(f"the chain of {chain.subject} should end at number {chain.seq}")
    if kept != len(chains):
        raise Mismatch(f"{len(chains)} subjects have facts, but {kept} have a chain")


def _heads() -> Iterator[TreeHead]:
    return TreeHead.objects.order_by("size").iterator(PAGE)

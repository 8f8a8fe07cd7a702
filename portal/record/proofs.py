"""Inclusion and consistency proofs of RFC 6962, sections 2.1.1 and 2.1.2, over any store of hashes.

A proof is a list of 32-byte hashes. Makers ask `root_of(start, end)` for the Merkle tree hash of leaves `start` up to `end`, and only
for subtrees of the tree the proof is about; `portal.record.tiles` answers it from files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from portal.record.tree import EMPTY_ROOT, node_hash

RootOf = Callable[[int, int], bytes]


class WrongProof(ValueError):
    """A proof does not lead to the root it is said to."""


def split(size: int) -> int:
    """The largest power of two below `size`, which is at least 2: where RFC 6962 divides a tree."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, root_of: RootOf) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, from the leaf's sibling upwards. Raises ValueError out of range."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path, start, end = list[bytes](), 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(root_of(middle, end))
            end = middle
        else:
            path.append(root_of(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, root_of: RootOf) -> list[bytes]:
    """The proof that the tree of `old` leaves begins the tree of `new`; empty where they are equal or `old` is 0.

    Raises ValueError where `old` is larger than `new`.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} leaves cannot begin one of {new}")
    if old in (0, new):
        return []
    path, start, end, whole = list[bytes](), 0, new, True
    while old - start != end - start:
        middle = start + split(end - start)
        if old <= middle:
            path.append(root_of(middle, end))
            end = middle
        else:
            path.append(root_of(start, middle))
            start, whole = middle, False
    return ([] if whole else [root_of(start, end)]) + path[::-1]


def root_from_inclusion(*, index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to from a leaf hash (RFC 9162, section 2.1.3.2). Raises WrongProof for a path of another length."""
    if not 0 <= index < size:
        raise WrongProof(f"a tree of {size} leaves has no leaf {index}")
    at, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise WrongProof("the path is too long")
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise WrongProof("the path is too short")
    return root


def check_inclusion(*, index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Raises WrongProof unless `path` leads from the leaf hash to `root`."""
    if root_from_inclusion(index=index, size=size, leaf=leaf, path=path) != root:
        raise WrongProof("the path leads to another root")


def check_consistency(*, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Raises WrongProof unless `path` shows that the older tree begins the newer one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new:
        raise WrongProof(f"a tree of {old} leaves cannot begin one of {new}")
    if old in (0, new):
        same = old_root == (EMPTY_ROOT if old == 0 else new_root)
        if path or not same:
            raise WrongProof("two trees of one size have different roots" if old else "nothing begins otherwise than empty")
        return
    before, after = _roots_from_consistency(old, new, list(path) if old & (old - 1) else [old_root, *path])
    if before != old_root or after != new_root:
        raise WrongProof("the older tree does not begin the newer one")


def _roots_from_consistency(old: int, new: int, nodes: list[bytes]) -> tuple[bytes, bytes]:
    if not nodes:
        raise WrongProof("the path is too short")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise WrongProof("the path is too long")
        if at & 1 or at == last:
            before, after = node_hash(node, before), node_hash(node, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, node)
        at, last = at >> 1, last >> 1
    if last:
        raise WrongProof("the path is too short")
    return before, after

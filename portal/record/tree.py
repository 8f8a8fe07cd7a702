"""The Merkle tree of RFC 6962, section 2.1, built from the left: leaf hash, node hash, and the frontier that grows into roots."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 ‖ leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the perfect subtrees of a tree of `size` leaves, largest first: all that is needed to add leaves and give the root."""

    def __init__(self, size: int = 0, nodes: bytes = b"") -> None:
        """`nodes` holds one 32-byte hash for every one bit of `size`. Raises ValueError where the two disagree."""
        if len(nodes) != HASH_BYTES * size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} perfect subtrees")
        self.size = size
        self.nodes = [nodes[at : at + HASH_BYTES] for at in range(0, len(nodes), HASH_BYTES)]

    def push(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self.nodes.pop(), node)
            size >>= 1
        self.nodes.append(node)
        self.size += 1

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add many leaf hashes, a level at a time, which costs less than pushing each."""
        size, nodes, digest, fresh = self.size, list(leaves), sha256, list[bytes]()
        self.size += len(nodes)
        while nodes:
            if size & 1:
                nodes.insert(0, self.nodes.pop())
            if len(nodes) & 1:
                fresh.append(nodes.pop())
            nodes = [digest(b"\x01" + left + right).digest() for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
            size >>= 1
        self.nodes += reversed(fresh)

    def root(self) -> bytes:
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root

    def __bytes__(self) -> bytes:
        return b"".join(self.nodes)

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from portal.record.proofs import (
    WrongProof,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    split,
)
from portal.record.tree import EMPTY_ROOT, Frontier, leaf_hash, node_hash

# The leaves and roots that the Certificate Transparency implementations publish as their test data for RFC 6962.
PUBLISHED_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
PUBLISHED_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = st.integers(1, 70)


class Plain:
    """The definition of RFC 6962, section 2.1, word for word."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = leaves

    def root_of(self, start: int, end: int) -> bytes:
        if end - start < 2:
            return leaf_hash(self.leaves[start]) if end > start else EMPTY_ROOT
        middle = start + split(end - start)
        return node_hash(self.root_of(start, middle), self.root_of(middle, end))


def numbered(size: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(size)]


def other_implementation(leaves: Sequence[bytes]) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    return tree


def test_roots_are_those_that_others_published() -> None:
    leaves = [bytes.fromhex(leaf) for leaf in PUBLISHED_LEAVES]
    frontier = Frontier()
    for leaf, root in zip(leaves, PUBLISHED_ROOTS, strict=True):
        frontier.push(leaf_hash(leaf))
        assert frontier.root().hex() == root == Plain(leaves).root_of(0, frontier.size).hex()


@given(SIZES)
def test_roots_are_those_of_an_implementation_nobody_here_wrote(size: int) -> None:
    assert Plain(numbered(size)).root_of(0, size) == other_implementation(numbered(size)).get_root()


@given(SIZES, st.data())
def test_every_leaf_is_proved_and_by_the_path_that_others_give(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = numbered(size)
    tree = Plain(leaves)
    path = inclusion_proof(index, size, tree.root_of)
    check_inclusion(index=index, size=size, leaf=leaf_hash(leaves[index]), path=path, root=tree.root_of(0, size))
    others = {bytes.fromhex(node) for node in other_implementation(leaves).prove_inclusion(index + 1, size).serialize()["path"]}
    assert others - {leaf_hash(leaves[index])} == set(path)


@given(SIZES, st.data())
def test_every_smaller_tree_begins_the_larger_one(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))
    tree = Plain(numbered(size))
    path = consistency_proof(old, size, tree.root_of)
    check_consistency(old=old, new=size, old_root=tree.root_of(0, old), new_root=tree.root_of(0, size), path=path)


@given(SIZES, st.data())
def test_a_path_for_another_leaf_place_size_or_root_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = numbered(size)
    tree = Plain(leaves)
    path, root, leaf = inclusion_proof(index, size, tree.root_of), tree.root_of(0, size), leaf_hash(leaves[index])
    wrong = data.draw(st.sampled_from(["leaf", "root", "longer", "shorter", "node", "place"]))
    if wrong in ("shorter", "node") and not path:
        wrong = "leaf"
    at = data.draw(st.integers(0, max(len(path) - 1, 0)))
    changed = {
        "leaf": (index, leaf_hash(b"another"), path, root),
        "root": (index, leaf, path, EMPTY_ROOT),
        "longer": (index, leaf, [*path, leaf], root),
        "shorter": (index, leaf, path[:-1], root),
        "node": (index, leaf, [*path[:at], leaf_hash(b"x"), *path[at + 1 :]], root),
        "place": (size if size == 1 else (index + 1) % size, leaf, path, root),
    }[wrong]
    with pytest.raises(WrongProof):
        check_inclusion(index=changed[0], size=size, leaf=changed[1], path=changed[2], root=changed[3])


@given(st.integers(2, 70), st.data())
def test_a_history_that_was_changed_is_refused(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    leaves = numbered(size)
    before, after = Plain(leaves), Plain([*leaves[:changed], b"rewritten", *leaves[changed + 1 :]])
    for maker in (before, after):
        path = consistency_proof(old, size, maker.root_of)
        with pytest.raises(WrongProof):
            check_consistency(old=old, new=size, old_root=before.root_of(0, old), new_root=after.root_of(0, size), path=path)


@given(st.integers(2, 70), st.data())
def test_a_consistency_path_of_another_length_is_refused(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    tree = Plain(numbered(size))
    path = consistency_proof(old, size, tree.root_of)
    for wrong in (path[:-1], [*path, EMPTY_ROOT], []):
        with pytest.raises(WrongProof):
            check_consistency(old=old, new=size, old_root=tree.root_of(0, old), new_root=tree.root_of(0, size), path=wrong)


def test_two_trees_of_one_size_are_the_same_tree() -> None:
    root = leaf_hash(b"one")
    check_consistency(old=1, new=1, old_root=root, new_root=root, path=[])
    with pytest.raises(WrongProof, match="different roots"):
        check_consistency(old=1, new=1, old_root=root, new_root=EMPTY_ROOT, path=[])
    with pytest.raises(WrongProof, match="empty"):
        check_consistency(old=0, new=1, old_root=root, new_root=root, path=[])


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (0, 0), (3, 3)])
def test_there_is_no_proof_for_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, Plain([]).root_of)
    with pytest.raises(WrongProof, match="no leaf"):
        check_inclusion(index=index, size=size, leaf=EMPTY_ROOT, path=[], root=EMPTY_ROOT)


@pytest.mark.parametrize(("old", "new"), [(-1, 1), (2, 1)])
def test_a_larger_tree_begins_no_smaller_one(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="cannot begin"):
        consistency_proof(old, new, Plain([]).root_of)
    with pytest.raises(WrongProof, match="cannot begin"):
        check_consistency(old=old, new=new, old_root=EMPTY_ROOT, new_root=EMPTY_ROOT, path=[])

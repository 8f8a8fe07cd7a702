from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from portal.record.proofs import WrongProof, inclusion_proof, root_from_inclusion, split
from portal.record.tree import EMPTY_ROOT, Frontier, leaf_hash, node_hash
from portal.record.verifier import candour_verify

SIZES = st.integers(1, 200)


def leaves(size: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(size)]


def root_of(start: int, end: int) -> bytes:
    if end - start < 2:
        return leaf_hash(f"leaf {start}".encode()) if end > start else EMPTY_ROOT
    middle = start + split(end - start)
    return node_hash(root_of(start, middle), root_of(middle, end))


@given(st.lists(st.integers(0, 40), max_size=8))
def test_a_tree_that_grows_in_pieces_has_the_root_that_others_give(pieces: list[int]) -> None:
    tree, frontier, other, done = candour_verify.Tree(), Frontier(), InmemoryTree(algorithm="sha256"), 0
    for piece in pieces:
        fresh = leaves(done + piece)[done:]
        tree.extend([candour_verify.leaf_hash(leaf) for leaf in fresh])
        for leaf in fresh:
            frontier.push(leaf_hash(leaf))
            other.append_entry(leaf)
        done += piece
        assert tree.root() == frontier.root()
        assert tree.size == done
        assert not done or tree.root() == other.get_root()


@given(SIZES, st.data())
def test_a_path_leads_where_the_portal_and_others_say(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(index, size, root_of)
    other = InmemoryTree(algorithm="sha256")
    for leaf in leaves(size):
        other.append_entry(leaf)
    assert candour_verify.root_from_path(index, size, leaf_hash(leaves(size)[index]), path) == other.get_root()


@given(st.integers(-1, 40), st.integers(0, 40), st.lists(st.binary(min_size=32, max_size=32), max_size=7))
def test_a_path_that_leads_nowhere_leads_nowhere_for_both(index: int, size: int, path: list[bytes]) -> None:
    try:
        expected = root_from_inclusion(index=index, size=size, leaf=EMPTY_ROOT, path=path)
    except WrongProof:
        assert candour_verify.root_from_path(index, size, EMPTY_ROOT, path) is None
    else:
        assert candour_verify.root_from_path(index, size, EMPTY_ROOT, path) == expected

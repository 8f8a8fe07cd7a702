from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.record.proofs import check_consistency, check_inclusion
from portal.record.tiles import WIDTH, Missing, Tiles
from portal.record.tree import EMPTY_ROOT, HASH_BYTES, Frontier

LEAVES = [sha256(str(number).encode()).digest() for number in range(70_000)]


def roots(*sizes: int) -> dict[int, bytes]:
    frontier, wanted = Frontier(), {}
    for leaf in LEAVES[: max(sizes)]:
        frontier.push(leaf)
        if frontier.size in sizes:
            wanted[frontier.size] = frontier.root()
    return wanted


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Tiles:
    tiles = Tiles(tmp_path_factory.mktemp("tiles") / "of")
    for start in range(0, len(LEAVES), 9_973):
        tiles.grow(LEAVES[start : start + 9_973])
    return tiles


def test_a_tree_of_70000_is_the_tiles_that_the_text_says(whole: Tiles) -> None:
    """The example of c2sp.org/tlog-tiles@v1.0.0, "Partial Tiles"."""
    assert len(whole.tile(0, 272)) == WIDTH * HASH_BYTES
    assert len(whole.tile(0, 273, 112)) == 112 * HASH_BYTES
    assert len(whole.tile(1, 1, 17)) == 17 * HASH_BYTES
    assert len(whole.tile(2, 0, 1)) == HASH_BYTES
    for level, number, width in [(0, 273, 113), (1, 1, 18), (2, 0, 2), (3, 0, 1)]:
        with pytest.raises(Missing):
            whole.tile(level, number, width)


@given(size=st.integers(1, len(LEAVES)), data=st.data())
@settings(max_examples=40, deadline=None)
def test_proofs_from_tiles_hold_for_any_leaf_and_any_two_sizes(whole: Tiles, size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    kept = roots(size, old)
    assert (whole.root(size), whole.root(old)) == (kept[size], kept[old])
    check_inclusion(index=index, size=size, leaf=LEAVES[index], path=whole.inclusion(index, size), root=kept[size])
    check_consistency(old=old, new=size, old_root=kept[old], new_root=kept[size], path=whole.consistency(old, size))


@given(sizes=st.lists(st.integers(0, 700), min_size=1, max_size=6), cut=st.integers(0, 1_500))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_it_grows_and_is_cut_it_is_the_same_tree(tmp_path: Path, sizes: list[int], cut: int) -> None:
    tiles = Tiles(tmp_path / str(sizes) / str(cut))
    for many in sizes:
        tiles.grow(LEAVES[tiles.size() : tiles.size() + many])
    tiles.cut(cut)
    tiles.grow(LEAVES[tiles.size() : 800])
    size = tiles.size()
    assert size == max(800, min(cut, sum(sizes)))
    assert tiles.root(size) == roots(size)[size]


def test_nothing_is_read_beyond_the_files(tmp_path: Path) -> None:
    tiles = Tiles(tmp_path / "none")
    assert tiles.size() == 0
    assert tiles.root(0) == EMPTY_ROOT
    with pytest.raises(Missing):
        tiles.root(1)
    with pytest.raises(Missing):
        tiles.tile(0, 0, 0)

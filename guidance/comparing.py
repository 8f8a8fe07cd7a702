"""What changed between two texts, word by word, in blocks that a phone can show."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TypeVar

from diff_match_patch import diff_match_patch

from guidance.rendering import Block, blocks

SAME, ADDED, REMOVED = "same", "added", "removed"
SIGNS = {0: SAME, 1: ADDED, -1: REMOVED}
WORDS = re.compile(r"\s+|[\w’'-]+|[^\w\s]")
ALIKE = 0.4  # two blocks that share less than this are one gone and one new, not one changed
FIRST_CODE = 0xE000  # private-use characters stand for words and blocks; past them the supplementary planes go on

Item = TypeVar("Item", bound=Hashable)
Piece = tuple[str, str]  # SAME, ADDED or REMOVED, and the words


@dataclass(frozen=True, slots=True)
class Change:
    """One block of the two texts laid over each other. kind: as `Block`; pieces: in reading order."""

    kind: str
    pieces: tuple[Piece, ...]

    @property
    def words(self) -> str:
        """The block as it reads now."""
        return "".join(words for sign, words in self.pieces if sign != REMOVED)

    @property
    def changed(self) -> bool:
        return any(sign != SAME for sign, _ in self.pieces)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring blocks that all changed, or all stayed. under: the heading to show above them where it is not in sight already."""

    changed: bool
    under: str
    blocks: tuple[Change, ...]

    @property
    def in_sight(self) -> bool:
        """Changed, or so short that hiding it would take as much room."""
        return self.changed or len(self.blocks) == 1


@lru_cache(maxsize=64)
def compare(old: str, new: str) -> tuple[Stretch, ...]:
    """The two Markdown texts laid over each other, unchanged stretches apart from changed ones."""
    return tuple(_stretches(_lay(blocks(old), blocks(new))))


def _stretches(laid: Iterable[Change]) -> Iterator[Stretch]:
    heading = shown = ""
    for changed, group in groupby(laid, key=lambda change: change.changed):
        found = tuple(group)
        seen = found[0].kind == "heading" or heading == shown
        stretch = Stretch(changed, "" if seen else heading, found)
        yield stretch
        last = next((block.words for block in reversed(found) if block.kind == "heading"), heading)
        heading, shown = last, last if stretch.in_sight else shown


def _lay(old: list[Block], new: list[Block]) -> Iterator[Change]:
    gone: list[Block] = []
    come: list[Block] = []
    for sign, block in _difference(old, new):
        if sign == SAME:
            yield from _settle(gone, come)
            gone, come = [], []
            yield Change(block.kind, ((SAME, block.text),))
        else:
            (come if sign == ADDED else gone).append(block)
    yield from _settle(gone, come)


def _settle(gone: list[Block], come: list[Block]) -> Iterator[Change]:
    """Pair what left with what came where they are alike, in order; the rest is wholly gone or wholly new."""
    waiting = list(gone)
    for block in come:
        partner = next((place for place, other in enumerate(waiting) if _alike(other, block)), None)
        if partner is None:
            yield Change(block.kind, ((ADDED, block.text),))
            continue
        yield from _removed(waiting[:partner])
        yield Change(block.kind, tuple(word_changes(waiting[partner].text, block.text)))
        waiting = waiting[partner + 1 :]
    yield from _removed(waiting)


def _removed(gone: Iterable[Block]) -> Iterator[Change]:
    return (Change(block.kind, ((REMOVED, block.text),)) for block in gone)


def _alike(old: Block, new: Block) -> bool:
    if old.kind != new.kind:
        return False
    before, after = _set_of_words(old.text), _set_of_words(new.text)
    return len(before & after) >= ALIKE * max(len(before | after), 1)


def _set_of_words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def word_changes(old: str, new: str) -> Iterator[Piece]:
    """Pieces that turn `old` into `new`: whole words, with a few kept words between two changes folded into them."""
    pieces = _difference(WORDS.findall(old), WORDS.findall(new), fold=True)
    for sign, group in groupby(pieces, key=lambda piece: piece[0]):
        yield sign, "".join(word for _, word in group)


def _difference(old: Sequence[Item], new: Sequence[Item], *, fold: bool = False) -> list[tuple[str, Item]]:
    """Myers' difference of two sequences: every distinct item becomes one character, which is what the library compares."""
    items: list[Item] = list(dict.fromkeys([*old, *new]))
    codes = {item: chr(FIRST_CODE + place) for place, item in enumerate(items)}
    engine = diff_match_patch()
    found = engine.diff_main("".join(codes[item] for item in old), "".join(codes[item] for item in new), False)
    if fold:
        engine.diff_cleanupSemantic(found)
    return [(SIGNS[sign], items[ord(code) - FIRST_CODE]) for sign, run in found for code in run]

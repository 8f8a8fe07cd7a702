"""Which characters the paper's fonts can print, and how it writes the others: by name, in square brackets.

PDF/UA-1 refuses a character without a shape, and evidence must not turn into empty boxes. So a smiling face becomes
`[grinning face]` and a Chinese character `[U+4E2D]`; the attached file holds what was written.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

# Measured by compiling each character with typst 0.15.2 and its own fonts (see rendering.FONTS); a test compiles all of them again.
RANGES = """
0020-007E 00A0-00AC 00AE-034E 0350-04FF 0510-0513 051A-051D 0531-05C7 05D0-05F4 0606-060C 0615 061B 061F 0621-063A 0640-0655 065A 0660-066D
0674 0679-067B 067E-0680 0683-0684 0686-0687 0691 0698 06A4 06A9 06AF 06BE 06CC 06F0-06F9 0900-097F 0E3F 10D0-10FF 13A0-13FD 1D00-200A
2010-2027 202F-205F 2070-20C0 20D0-20F0 2100-2151 2153-2184 2189 2190-23FF 2422-2423 2460-262F 2638-268B 2690-269C 26A0-26A7 26AA-26B2
2701-2704 2706-2709 270C-2727 2729-274B 274D 274F-2752 2756 2758-275E 2761-277F 2794 2798-27AF 27B1-2BFF 2C60-2CFF A640-A641 A71B-A727
FB00-FB06 FB13-FB4F FE66 FFFD 1D400-1D7FF
"""
JOINERS = {0x200C, 0x200D, 0x200E, 0x200F, 0xFE0E, 0xFE0F}  # no shape of their own, and nothing is lost without them
TABS = re.compile(r"[\t\v\f]")
LINES = re.compile(r"\r\n|[\r\n\u0085\u2028\u2029]")


class Care(IntEnum):
    """How much is written by name. Clusters of characters can fail where each of them prints alone, so there is more than one."""

    UNPRINTABLE = 0
    MARKS = 1  # also marks that stand on another character
    ALL_BUT_ASCII = 2


def _covered() -> frozenset[int]:
    spans = [span.partition("-") for span in RANGES.split()]
    return frozenset(place for first, _, last in spans for place in range(int(first, 16), int(last or first, 16) + 1))


COVERED = _covered()


def printable(text: str, care: Care = Care.UNPRINTABLE) -> str:
    """`text` on one or more lines (`\\n`), with every character that cannot be printed written by its name."""
    whole = _whole(text)
    return whole if whole.isascii() and whole.replace("\n", "").isprintable() else "".join(_written(one, care) for one in whole)


def prints(text: str, care: Care = Care.UNPRINTABLE) -> bool:
    """Whether `printable` writes nothing in `text` by name."""
    return all(len(_written(one, care)) < 2 for one in _whole(text))


def right_to_left(line: str) -> bool:
    """Whether the first letter with a direction is written from the right (Unicode Bidirectional Algorithm, rules P2 and P3)."""
    return next((kind != "L" for kind in map(unicodedata.bidirectional, line) if kind in ("L", "R", "AL")), False)


def _whole(text: str) -> str:
    return unicodedata.normalize("NFC", LINES.sub("\n", TABS.sub("    ", text)))


@lru_cache(maxsize=4096)
def _written(one: str, care: Care) -> str:
    place = ord(one)
    if one == "\n" or 0x20 <= place < 0x7F:
        return one
    if place in JOINERS:
        return ""
    by_name = place not in COVERED or care is Care.ALL_BUT_ASCII or (care is Care.MARKS and unicodedata.category(one).startswith("M"))
    return f"[{_name(one)}]" if by_name else one


def _name(one: str) -> str:
    """The Unicode name, unless it says no more than the number does."""
    name = unicodedata.name(one, "")
    return f"U+{ord(one):04X}" if not name or "IDEOGRAPH" in name or "SYLLABLE" in name else name.lower()

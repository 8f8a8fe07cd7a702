"""References such as MR-7K3P-9QXA: seven random characters nobody can guess and an eighth that shows a mistyped one.

The alphabet leaves out 0 O 1 I L U. The check character is ISO 7064's hybrid system, MOD 31,30: it finds every single wrong character
and nearly every pair the wrong way round.
"""

from __future__ import annotations

import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM = 7
SHAPE = re.compile(rf"MR([{ALPHABET}]{{4}})([{ALPHABET}]{{4}})")


def new_reference() -> str:
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return spell(body + check_character(body))


def spell(characters: str) -> str:
    """Eight characters as a reference is written."""
    return f"MR-{characters[:4]}-{characters[4:]}"


def check_character(body: str) -> str:
    size, carried = len(ALPHABET), len(ALPHABET)
    for character in body:
        carried = (carried + ALPHABET.index(character)) % size or size
        carried = carried * 2 % (size + 1)
    return ALPHABET[(size + 1 - carried) % size]


def tidy(typed: str) -> str | None:
    """The reference somebody typed, in its one spelling: any case, with or without dashes and spaces. None where it cannot be one."""
    found = SHAPE.fullmatch(re.sub(r"[\s\-\u2010-\u2015]", "", typed).upper())
    if found is None:
        return None
    characters = found[1] + found[2]
    return spell(characters) if check_character(characters[:RANDOM]) == characters[RANDOM] else None

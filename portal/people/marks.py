"""What gives a person away in a text: their name, number, unit and address, and what rooms know beside, such as the phone they carry.

A room registers one function from its `AppConfig.ready`:

    marks.register("devices", phones_of)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from portal.people.models import Person

Phones = Callable[[Person], Iterable[str]]
SHORTEST = 2
NUMBERS = re.compile(r"[\d+][\d ()-]{4,}\d")
_rooms: dict[str, Phones] = {}


def register(room: str, phones: Phones) -> None:
    """`phones`: the telephone numbers that a person is known by. Registering a room again replaces its answer."""
    _rooms[room] = phones


def found_in(text: str, person: Person) -> list[str]:
    """What in `text` names this person, as they would read it: names and codes as whole words, numbers however they are spaced."""
    words = [mark for mark in _words_of(person) if _has_word(text, mark)]
    called = {_digits(phone) for phones in _rooms.values() for phone in phones(person)} - {""}
    return words + [number.strip() for number in NUMBERS.findall(text) if _digits(number) in called]


def _words_of(person: Person) -> list[str]:
    """A first name alone and a unit's code count only where they are written as names and codes are; see `_has_word`."""
    unit = [person.unit.code, person.unit.name] if person.unit else []
    given = [person.last_name, person.first_name, person.number, person.email, *unit]
    return [mark for mark in dict.fromkeys(given) if len(mark) >= SHORTEST]


def _has_word(text: str, mark: str) -> bool:
    """Accents and kinds of apostrophe do not matter. Capitals do: “will” and “in” are words of other kinds too."""
    return re.search(rf"(?<!\w){re.escape(_plain(mark))}(?!\w)", _plain(text)) is not None


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'"))
    return "".join(character for character in apart if not unicodedata.combining(character))


def _digits(number: str) -> str:
    """The digits of a telephone number, without the country's code."""
    digits = "".join(character for character in number if character.isdigit())
    return re.sub(r"^(?:0044|44)(?=[1-9]\d{9}$)", "0", digits)

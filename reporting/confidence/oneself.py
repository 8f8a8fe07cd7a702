"""What somebody who asked for their name to be kept back typed is shown to them once, where it names them; sent again it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from portal.people import marks
from portal.people.models import Person


def named_in(texts: Iterable[str], person: Person) -> list[str]:
    """What in these texts names the person, each once."""
    return list(dict.fromkeys(mark for text in texts for mark in marks.found_in(text, person)))


def seal_of(found: Iterable[str]) -> str:
    """Stands for what somebody was shown: with anything else in the text they are shown that too."""
    return sha256("\n".join(found).encode()).hexdigest()[:16]

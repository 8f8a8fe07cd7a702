"""What people who leave still hold, so that it can be handed on. Rooms say what they know; people imports no room.

A room registers one function from its `AppConfig.ready`:

    leaving.register(describe_handsets)

It is given the keys of everyone who is leaving, all at once, and answers with a `Holding` for each thing they hold.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One thing a leaver holds: who, what in plain words ("Handset MPS-000123"), and the address where it is handed on."""

    person_id: uuid.UUID
    what: str
    link: str = ""


Describe = Callable[[set[uuid.UUID]], Iterable[Holding]]

_describers: list[Describe] = []


def register(describe: Describe) -> None:
    """Add a room's answer. Registering the same function again changes nothing."""
    if describe not in _describers:
        _describers.append(describe)


def holdings(people: set[uuid.UUID]) -> list[Holding]:
    """Everything `people` hold, room by room, in the order the rooms registered."""
    return [holding for describe in _describers for holding in describe(people)] if people else []

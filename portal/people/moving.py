"""People who leave or change units while they hold what can't wait: it moves in the same transaction. People imports no room.

A room registers one function from its `AppConfig.ready`:

    moving.register(move_duties)

It is given the keys of everyone who goes, all at once, and why, after the directory says so and inside the transaction that made it so.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from enum import StrEnum


class Departure(StrEnum):
    LEFT = "left"  # the force: they are no longer active
    TRANSFERRED = "transferred"  # to another unit


Move = Callable[[AbstractSet[uuid.UUID], Departure], object]

_movers: list[Move] = []


def register(move: Move) -> None:
    """Let a room move what it gave to people. Registering the same function again changes nothing."""
    if move not in _movers:
        _movers.append(move)


def gone(people: AbstractSet[uuid.UUID], why: Departure) -> None:
    """Move everything that `people` hold. The caller is in the transaction that deactivated or transferred them."""
    if people:
        for move in _movers:
            move(people, why)

"""What could not be fired is left alone for a minute, so that a thousand of it at the front of a queue stop nobody behind."""

from __future__ import annotations

import time

from django.db import DataError, Error, IntegrityError

SECONDS = 60.0
# What one broken report may raise, as a ladder that cannot be climbed does: the others of its batch go on without it.
BROKEN = (LookupError, ValueError, TypeError, AttributeError)
ONE_OF_MANY = (*BROKEN, IntegrityError, DataError)
ALONE = (*BROKEN, Error)


class LeftAlone:
    """Keys of rows that this process does not try again for a minute."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def leave(self, key: int) -> None:
        self._until[key] = time.monotonic() + SECONDS

    def keys(self) -> list[int]:
        for key in [key for key, until in list(self._until.items()) if until <= time.monotonic()]:
            self._until.pop(key, None)
        return list(self._until)

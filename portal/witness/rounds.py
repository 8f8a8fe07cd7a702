"""What the clock starts and never waits for: work that talks to other people's servers, each in a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Thread

import psycopg
from django.db import DatabaseError, connections

log = logging.getLogger(__name__)


class Beside:
    """Runs `do` beside the clock, one at a time: while one is under way, `start` does nothing."""

    def __init__(self, name: str, do: Callable[[], int]) -> None:
        self.name, self.do = name, do
        self._thread: Thread | None = None

    def start(self) -> int:
        """Begin a round unless one is under way; 1 if it began. Returns at once."""
        if self._thread is not None and self._thread.is_alive():
            return 0
        self._thread = Thread(target=self._run, name=self.name, daemon=True)  # a round that hangs must not keep the clock from stopping
        self._thread.start()
        return 1

    def join(self, seconds: float) -> bool:
        """Wait for the round that is under way; whether it has ended."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.do()
        except (DatabaseError, psycopg.Error, OSError) as error:
            log.warning("%s failed and will be tried again: %s", self.name, type(error).__name__)
        except Exception:
            log.exception("%s is broken and will be tried again", self.name)
        finally:
            connections.close_all()

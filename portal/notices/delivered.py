"""Who wants to know that a notice was delivered: rooms register here when the portal starts, so that the ground floor imports none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Heard = Callable[[str, datetime], None]
_listeners: dict[str, Heard] = {}


def register(prefix: str, callback: Heard) -> None:
    """Call `callback(dedupe key, time)` for every delivered notice whose key begins with `prefix` and a colon.

    It runs inside the delivery's transaction. Registering a prefix again replaces its callback.
    """
    _listeners[prefix] = callback


def tell(dedupe: str, at: datetime) -> None:
    callback = _listeners.get(dedupe.partition(":")[0])
    if callback is not None:
        callback(dedupe, at)

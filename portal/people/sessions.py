"""The cache that sessions are read from: Redis going away costs a query, never a sign-out or an error.

Sessions live in PostgreSQL (Django's `cached_db`); their cached copies live for five minutes at most, so a sign-out that could not
reach Redis leaves no longer tail than that. Counters of attempts to sign in are kept in the process while Redis is away: guessing stays
slow, and signing in stays possible.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

PAUSE_SECONDS = 5.0
LONGEST_SECONDS = 300
COUNTERS = "allauth:rl:"  # what allauth names its counters, and the locks around them


class ForgivingClient(RedisCacheClient):
    """A Redis client that answers as an empty cache while Redis is away, and asks again every few seconds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, socket_connect_timeout=0.5, socket_timeout=0.5)
        self._away_until = 0.0
        self._client_kept: Any = None
        self._here = LocMemCache("attempts", {})

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """One client, kept, for there is one server: making one costs more than what it asks, and Django makes one for every question."""
        if self._client_kept is None:
            self._client_kept = super().get_client(key, write=write)
        return self._client_kept

    def _attempt(self, call: Callable[..., Any], otherwise: Any, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self._away_until:
            return otherwise() if callable(otherwise) else otherwise
        try:
            return call(*args, **kwargs)
        except RedisError:
            self._away_until = time.monotonic() + PAUSE_SECONDS
            return otherwise() if callable(otherwise) else otherwise

    def add(self, key: Any, value: Any, timeout: Any) -> Any:
        """As `set`, unless the key is there. While Redis is away, an empty cache takes everything."""
        return self._attempt(super().add, lambda: self._here.add(key, value, timeout) if _counts(key) else True, key, value, timeout)

    def get(self, key: Any, default: Any) -> Any:
        return self._attempt(super().get, lambda: self._here.get(key, default) if _counts(key) else default, key, default)

    def set(self, key: Any, value: Any, timeout: Any) -> Any:
        kept = LONGEST_SECONDS if timeout is None else min(timeout, LONGEST_SECONDS)
        return self._attempt(super().set, lambda: self._here.set(key, value, kept) if _counts(key) else None, key, value, kept)

    def delete(self, key: Any) -> Any:
        return self._attempt(super().delete, lambda: self._here.delete(key) if _counts(key) else False, key)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._attempt(super().touch, False, *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._attempt(super().get_many, {}, *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._attempt(super().has_key, False, *args, **kwargs)

    def incr(self, key: Any, delta: int) -> Any:
        return self._attempt(super().incr, delta, key, delta)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._attempt(super().set_many, None, *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._attempt(super().delete_many, None, *args, **kwargs)

    def clear(self) -> Any:
        return self._attempt(super().clear, False)


def _counts(key: object) -> bool:
    return COUNTERS in str(key)


class ForgivingRedisCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient

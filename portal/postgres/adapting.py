"""How values travel: times are read, and lists of text written, by few calls of functions in C.

Django and psycopg do both in Python, value by value. That was a quarter of what a sweep of deadlines spent outside PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from struct import Struct
from typing import Any

from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg import adapters
from psycopg.adapt import AdaptersMap
from psycopg.types.array import ListBinaryDumper
from psycopg.types.datetime import TimestamptzLoader

TEXT = adapters.types["text"].oid
HEAD = Struct(">5i")  # of an array as PostgreSQL's array_recv reads it: dimensions, whether any is null, type, length, first index
LENGTH = Struct(">i")
TEXTS = {str}


class TimeLoader(TimestamptzLoader):
    """As Django's for sessions in UTC, and ours are: PostgreSQL writes times in the session's zone."""

    timezone = UTC  # Django's cursors ask for it

    def load(self, data: bytes | bytearray | memoryview) -> datetime:
        try:
            return datetime.fromisoformat(bytes(data).decode())
        except ValueError:  # before the year 1, or infinity: the other says what is wrong
            return super().load(data)


class ListDumper(ListBinaryDumper):
    """As psycopg's; a list of nothing but text is written in one go."""

    def dump(self, obj: list[Any]) -> Any:
        if set(map(type, obj)) != TEXTS:
            return super().dump(obj)
        items = [text.encode() for text in obj]
        return HEAD.pack(1, 0, TEXT, len(items), 1) + b"".join([part for item in items for part in (LENGTH.pack(len(item)), item)])


@lru_cache(maxsize=1)
def context() -> AdaptersMap:
    """What Django registers, and these."""
    ours = AdaptersMap(get_adapters_template(True, UTC))
    ours.register_loader("timestamptz", TimeLoader)
    ours.register_dumper(list, ListDumper)
    return ours

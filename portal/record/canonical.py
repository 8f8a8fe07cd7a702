"""Canonical JSON (RFC 8785) for the values a fact may hold: text, whole numbers, booleans, null, lists and objects.

Fractions are refused, so no rule about printing them is needed; keys are ASCII, so sorting by code point is sorting by UTF-16 unit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # as JSON spells it, and not where a backslash was meant
HALF = re.compile("[\ud800-\udfff]")
ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
LARGEST = 2**53 - 1  # RFC 7493: beyond this, readers that use doubles disagree


def canonical(value: Json) -> str:
    """The one text of `value`. Raises ValueError for anything that has no single spelling."""
    _check(value)
    text = ENCODE(value)
    if ("\\u0000" in text and NUL.search(text)) or (not text.isascii() and HALF.search(text)):
        raise ValueError("a fact's text cannot hold NUL or half a surrogate pair")
    return text


@lru_cache(maxsize=1024)  # a sweep says the same few moments thousands of times
def iso(at: datetime) -> str:
    """A time as facts spell it: UTC, six decimals, `Z`. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a fact's time needs a time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _check(value: Json) -> None:
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError(f"{value} is too large for a fact")
    elif isinstance(value, Mapping):
        _check_object(value)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(item)
    else:
        raise ValueError(f"a fact cannot hold a {type(value).__name__}")


def _check_object(value: Mapping[str, Json]) -> None:
    for key, item in value.items():
        if not (isinstance(key, str) and key.isascii()):  # type: ignore[redundant-expr]  # callers need not be type-checked
            raise ValueError(f"a fact's keys are ASCII text, not {key!r}")
        _check(item)

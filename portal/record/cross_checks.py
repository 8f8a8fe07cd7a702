"""Checks that other rooms hold their tables against the record with. `verify_record` runs them in its own snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Check = Callable[[], Iterator[str]]
_CHECKS: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """`check` reads through Django's connection and yields half a sentence for each row that disagrees. Call this in `ready`."""
    _CHECKS[name] = check


def registered() -> dict[str, Check]:
    return dict(_CHECKS)

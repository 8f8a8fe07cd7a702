"""Rows that the tables and the facts have alike: a kind, a subject and what is said of it, spelt as the facts are."""

from __future__ import annotations

import json
from collections.abc import Iterator

from portal.postgres.base import rows


def differences(tables: str, facts: str) -> Iterator[str]:
    """Half a sentence for each row of `tables` that no fact tells of, and for each of `facts` that no row shows."""
    for kind, subject, said in rows(f"({tables}) EXCEPT ({facts}) ORDER BY subject, kind, said"):
        yield f"the tables say of {subject} what no fact says: {kind} {_shown(said)}"
    for kind, subject, said in rows(f"({facts}) EXCEPT ({tables}) ORDER BY subject, kind, said"):
        yield f"a fact about {subject} is not what the tables say: {kind} {_shown(said)}"


def _shown(said: str) -> str:
    """Short enough for a notice: the ladder of a report is left out."""
    return ", ".join(f"{name} {value}" for name, value in sorted(json.loads(said).items()) if name != "ladder")

"""Directory files to test with."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from portal.imports.outcome import Outcome
from portal.people.directory import COLUMNS
from portal.people.importing import import_directory

CHIEF = {"warrant_number": "100", "rank": "Chief Inspector", "first_name": "Ada", "last_name": "Okafor", "line_manager_warrant_number": ""}
SERGEANT = {"warrant_number": "200", "rank": "Sergeant", "first_name": "Siân", "last_name": "O'Brien", "line_manager_warrant_number": "100"}
CONSTABLE = {
    "warrant_number": "300",
    "rank": "Constable",
    "first_name": "Tariq",
    "last_name": "Novak",
    "line_manager_warrant_number": "200",
}
CLERK = {
    "warrant_number": "P400",
    "kind": "staff",
    "rank": "",
    "first_name": "Wei",
    "last_name": "Chen",
    "line_manager_warrant_number": "200",
}
FORCE = [CHIEF, SERGEANT, CONSTABLE, CLERK]


def row(values: dict[str, str], **changed: str) -> list[str]:
    whole = {"kind": "officer", "unit_code": "CN", "active": "yes", "email": f"p{values['warrant_number']}@force.example".lower()}
    whole |= values | changed
    return [whole[column] for column in COLUMNS]


def directory_file(*people: dict[str, str] | Sequence[str]) -> io.BytesIO:
    lines = [",".join(COLUMNS)]
    lines += [",".join(row(person) if isinstance(person, dict) else person) for person in people]
    return io.BytesIO("\n".join(lines).encode())


def load(*people: dict[str, str] | Sequence[str], **options: Any) -> Outcome:
    return import_directory(file=directory_file(*people), **options)


def problems(outcome: Outcome) -> list[tuple[int, str, str]]:
    """Line, column and the first words of each fault."""
    return [(fault.line, fault.column, fault.problem) for fault in outcome.faults]

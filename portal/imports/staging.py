"""A file staged in PostgreSQL: rows by COPY into a table of the transaction's own, rules and faults in sets, a report by COPY out.

Everything here lives until the transaction ends, and a thousand times as many rows take no more memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from typing import Any, BinaryIO, cast

from django.db import connection

from portal.imports.formulas import FORMULA
from portal.imports.reading import LONGEST_SHOWN, Row

FAULT, NOTE, HAND_ON = "fault", "note", "hand on"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is wrong with a cell. `column` is shown; `when` is SQL over the looked-up row; `says` is a sentence, or SQL making one."""

    column: str
    when: str
    says: str
    is_sql: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend, as the report names it. `line` is 0 for what is about no line of the file."""

    line: int
    column: str
    value: str
    problem: str
    kind: str

    @property
    def sentence(self) -> str:
        """The fault in one line of text, for a terminal."""
        place = ", ".join(part for part in (f"Line {self.line}" if self.line else "", self.column) if part)
        return ": ".join(part for part in (place, f"“{self.value}”" if self.value else "", self.problem) if part)


def fingerprint(file: BinaryIO) -> str:
    """The SHA-256 of a file, in hex."""
    file.seek(0)
    return hashlib.file_digest(cast("BufferedReader", file), "sha256").hexdigest()


def stage(rows: Iterable[Row], columns: Sequence[str]) -> int:
    """Copy rows into `staged_row` and what is broken in them into `staged_fault`; return how many rows there are."""
    run("SET LOCAL jit = off")  # compiling many small rules takes longer than trying them
    run("SET LOCAL enable_nestloop = off")  # a table that grew since its last ANALYZE passes for empty, and looping over it takes minutes
    run("DROP TABLE IF EXISTS pg_temp.staged_row, pg_temp.staged_fault, pg_temp.looked_up")
    named = ", ".join(columns)
    run(
        f"CREATE TEMP TABLE staged_row (line integer PRIMARY KEY, {' text NOT NULL, '.join(columns)} text NOT NULL,"
        " broken_column text, broken_value text, broken_problem text) ON COMMIT DROP"
    )
    run("CREATE TEMP TABLE staged_fault (line integer, col text, value text, problem text, kind text) ON COMMIT DROP")
    count = 0
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY staged_row (line, {named}, broken_column, broken_value, broken_problem) FROM STDIN") as copy:
            for row in rows:
                broken = row.broken
                told = (broken.column, broken.value, broken.problem) if broken else (None, None, None)
                copy.write_row((row.line, *row.cells, *told))
                count += 1
    run("ANALYZE staged_row")  # a table without statistics is taken for a small one
    run("INSERT INTO staged_fault SELECT line, broken_column, broken_value, broken_problem, %(kind)s FROM staged_row "
        "WHERE broken_problem IS NOT NULL", {"kind": FAULT})  # fmt: skip
    return count


def look_up(select: str, *indexed: str) -> None:
    """Make `looked_up` from a SELECT over `staged_row`: each row beside what it refers to."""
    run(f"CREATE TEMP TABLE looked_up ON COMMIT DROP AS {select}")
    run("CREATE UNIQUE INDEX ON looked_up (line)")
    for column in indexed:
        run(f"CREATE INDEX ON looked_up ({column})")
    run("ANALYZE looked_up")


def judge(rules: Sequence[Rule], kind: str = FAULT) -> None:
    """Try every rule on every row that could be read, in one pass, and note each fault found."""
    values: dict[str, Any] = {"kind": kind, "longest": LONGEST_SHOWN}
    tried = []
    for place, rule in enumerate(rules):
        values[f"says_{place}"] = rule.says
        shown = f"row.{rule.column}" if rule.column else "''"
        says = rule.says if rule.is_sql else f"%(says_{place})s"
        tried.append(f"('{rule.column}', {shown}, {says}, ({rule.when}))")
    run(
        "INSERT INTO staged_fault SELECT line, tried.col, left(tried.value, %(longest)s), tried.problem, %(kind)s FROM looked_up AS row,"  # noqa: S608 - columns and rules are the code's own
        f" LATERAL (VALUES {', '.join(tried)}) AS tried (col, value, problem, wrong)"
        f" WHERE NOT broken AND ({' OR '.join(f'({rule.when})' for rule in rules)}) AND tried.wrong",  # few rows are taken apart at all
        values,
    )


def refuse_faulty() -> int:
    """Mark every row with a fault as refused; return how many rows are refused by now."""
    run(
        "UPDATE looked_up SET refused = true FROM (SELECT DISTINCT line FROM staged_fault WHERE kind = %(kind)s) AS faulty"
        " WHERE faulty.line = looked_up.line AND NOT refused",
        {"kind": FAULT},
    )
    return number("SELECT count(*) FROM looked_up WHERE refused")


def mention(faults: Iterable[Fault]) -> None:
    """Add lines to the report that no rule could find."""
    with connection.cursor() as cursor:
        with cursor.copy("COPY staged_fault (line, col, value, problem, kind) FROM STDIN") as copy:
            for fault in faults:
                copy.write_row((fault.line, fault.column, fault.value, fault.problem, fault.kind))


def faults(limit: int, *kinds: str) -> list[Fault]:
    """The first faults by line, at most `limit` of them."""
    found = fetch(
        "SELECT line, col, value, problem, kind FROM staged_fault WHERE kind = ANY(%(kinds)s) ORDER BY line, col LIMIT %(limit)s",
        {"kinds": list(kinds or (FAULT, NOTE, HAND_ON)), "limit": limit},
    )
    return [Fault(*row) for row in found]


def count_of(kind: str) -> int:
    return number("SELECT count(*) FROM staged_fault WHERE kind = %(kind)s", {"kind": kind})


def write_report(out: BinaryIO) -> None:
    """Write every fault and note as CSV. A value that a spreadsheet would run as a formula gets an apostrophe before it."""
    select = """
        SELECT nullif(line, 0) AS line, col AS column, CASE WHEN value ^@ ANY(%(formula)s) THEN '''' || value ELSE value END AS value,
            problem, kind
        FROM staged_fault ORDER BY line = 0, line, col
    """
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({select}) TO STDOUT WITH (FORMAT csv, HEADER)", {"formula": list(FORMULA)}) as copy,
    ):
        out.writelines(copy)


def run(sql: str, values: Mapping[str, Any] | None = None) -> int:
    """Run one statement and return how many rows it touched. `values` are bound, never pasted in."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def fetch(sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def number(sql: str, values: Mapping[str, Any] | None = None) -> int:
    """The one number a statement answers with."""
    return int(fetch(sql, values)[0][0])

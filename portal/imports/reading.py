"""Reading a CSV file line by line: what can be read is passed on, what cannot is named by line and column, and memory stays flat.

A cell never holds a line break here, so each line is parsed by itself: a quote left open spoils one line, not the rest of the file.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

LONGEST_LINE = 20_000  # characters; a directory line has about 120
LONGEST_SHOWN = 80
BINARY_STARTS = {
    b"PK\x03\x04": "This is an Excel workbook or a ZIP file, not a CSV file. Open it and save it as “CSV UTF-8”.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel workbook, not a CSV file. Open it and save it as “CSV UTF-8”.",
    b"%PDF": "This is a PDF, not a CSV file. Ask whoever made it for the CSV file.",
    b"\xff\xfe": "This file is UTF-16, not UTF-8. Save it as “CSV UTF-8”.",
    b"\xfe\xff": "This file is UTF-16, not UTF-8. Save it as “CSV UTF-8”.",
}


class Unreadable(Exception):
    """The file as a whole cannot be imported; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Why one line cannot be used: the column it shows in, what stands there, and what to do."""

    column: str
    value: str
    problem: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its number (the header's is 1), a cell for each column asked for, and what is broken in it, if anything."""

    line: int
    cells: list[str]
    broken: Broken | None = None


def rows(file: BinaryIO, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a UTF-8 CSV file, cells in the order of `columns`. Blank lines are passed over.

    The header may have its columns in any order and a byte order mark before it. Raises Unreadable.
    """
    _refuse_other_kinds(file)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline=None)
    try:
        numbered = _lines(text)
        header = _header(numbered, columns)
        places = [header.index(column) for column in columns]
        for line, content in numbered:
            row = _row(line, content, columns, header, places)
            if row is not None:
                yield row
    finally:
        text.detach()


def _refuse_other_kinds(file: BinaryIO) -> None:
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if not head:
        raise Unreadable("This file is empty. Export it again.")
    for start, sentence in BINARY_STARTS.items():
        if head.startswith(start):
            raise Unreadable(sentence)
    if head.count(0) > len(head) // 10:
        raise Unreadable("This is not a CSV file: it is not text. Export it again as “CSV UTF-8”.")


def _lines(text: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
    """Each line with its number. One that is too long is cut, marked by still being too long, and the rest of it is skipped."""
    number = 0
    while content := text.readline(LONGEST_LINE + 1):
        number += 1
        rest = content
        while len(rest) > LONGEST_LINE and not rest.endswith("\n"):
            rest = text.readline(LONGEST_LINE + 1)
        yield number, content


def _header(numbered: Iterator[tuple[int, str]], columns: Sequence[str]) -> list[str]:
    first = next((content for _, content in numbered if content.strip()), "")
    if not first:
        raise Unreadable("This file has no lines in it. Export it again.")
    names = [name.strip().lower() for name in _header_cells(first)]
    if not set(names) & set(columns):
        raise Unreadable(_not_ours(first, columns))
    _check_names(names, columns)
    return names


def _header_cells(first: str) -> list[str]:
    try:
        return _cells(first)
    except csv.Error:
        return []


def _not_ours(first: str, columns: Sequence[str]) -> str:
    for mark, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if mark in first and columns[0] in first.lower():
            return f"The columns of this file are separated by {called}. Save it with commas."
    return f"This is not a CSV file with these columns. Its first line has to be: {','.join(columns)}"


def _check_names(names: list[str], columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in names]
    unknown = [name[:LONGEST_SHOWN] or "(no name)" for name in names if name not in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    sentences = [
        f"{sentence} {', '.join(found)}."
        for sentence, found in (
            ("Line 1: add the missing columns", missing),
            ("Line 1: take out the unknown columns", unknown),
            ("Line 1: these columns are there twice:", twice),
        )
        if found
    ]
    if sentences:
        raise Unreadable(" ".join(sentences))


def _cells(content: str) -> list[str]:
    return next(csv.reader((content,), strict=True), [])


def _row(line: int, content: str, columns: Sequence[str], header: list[str], places: list[int]) -> Row | None:
    if len(content) > LONGEST_LINE:
        return _unusable(line, columns, f"This line is longer than {LONGEST_LINE:,} characters. Look for a missing line break.")
    try:
        given = _cells(content)
    except csv.Error:
        return _unusable(line, columns, "The quotation marks on this line do not pair up, or a cell holds a line break. Correct the line.")
    if not any(cell.strip() for cell in given):
        return None
    if len(given) != len(header):
        return _wrong_length(line, given, columns, header, places)
    cells = [given[place].strip() for place in places]
    if "".join(cells).isascii() and "".join(cells).isprintable():
        return Row(line, cells)
    return _checked(line, cells, columns)


def _unusable(line: int, columns: Sequence[str], problem: str) -> Row:
    return Row(line, [""] * len(columns), Broken("", "", problem))


def _wrong_length(line: int, given: list[str], columns: Sequence[str], header: list[str], places: list[int]) -> Row:
    cells = [_safe(given[place].strip()) if place < len(given) else "" for place in places]
    if len(given) < len(header):
        problem = f"This line is short: it has {len(given)} of {len(header)} cells. Add what is missing, or the commas for empty cells."
        return Row(line, cells, Broken(header[len(given)], "", problem))
    problem = f"This line is long: it has {len(given)} cells, not {len(header)}. Put a cell that holds a comma in quotation marks."
    return Row(line, cells, Broken("", _shown(given[len(header)]), problem))


def _checked(line: int, cells: list[str], columns: Sequence[str]) -> Row:
    cells = [unicodedata.normalize("NFC", cell) for cell in cells]
    for column, cell in zip(columns, cells, strict=True):
        if not cell.isprintable():
            return Row(line, [_safe(cell) for cell in cells], Broken(column, _shown(cell), _hidden(cell)))
    return Row(line, cells)


def _hidden(cell: str) -> str:
    if any("\udc80" <= character <= "\udcff" for character in cell):
        return "This cell is not UTF-8: the file was saved in another encoding. Save it as “CSV UTF-8”."
    hidden = next(character for character in cell if not character.isprintable())
    name = "a NUL byte" if hidden == "\0" else f"a hidden character (U+{ord(hidden):04X})"
    return f"This cell holds {name}. Type the cell again."


def _safe(cell: str) -> str:
    """What of a cell a database can keep."""
    return "".join("\ufffd" if character == "\0" or "\ud800" <= character <= "\udfff" else character for character in cell)


def _shown(cell: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in cell)[:LONGEST_SHOWN]

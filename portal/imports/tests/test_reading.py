from __future__ import annotations

import io

import pytest

from portal.imports.reading import LONGEST_LINE, Row, Unreadable, rows

COLUMNS = ("number", "name", "email")


def read(content: bytes) -> list[Row]:
    return list(rows(io.BytesIO(content), COLUMNS))


def sentence(content: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read(content)
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "This file is empty."),
        (b"\n\n \n", "no lines in it"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        ("number,name,email\n".encode("utf-16"), "UTF-16, not UTF-8"),
        ("number,name,email\n".encode("utf-16-le"), "not text"),
        (bytes(range(32)) * 4 + bytes(100), "not text"),
        (b"<html><body>Sign in</body></html>", "not a CSV file with these columns"),
        (b"number;name;email\n1;A;a@x.example\n", "separated by semicolons"),
        (b"number\tname\temail\n", "separated by tabs"),
        (b"number,name\n", "add the missing columns email."),
        (b"number,name,email,shoe_size\n", "take out the unknown columns shoe_size."),
        (b"number,name,email,name\n", "these columns are there twice: name."),
        (b'"number,name,email\n', "not a CSV file with these columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(content: bytes, says: str) -> None:
    assert says in sentence(content)


def test_columns_may_come_in_any_order_and_case() -> None:
    assert read(b"Email, Name ,NUMBER\na@x.example,Ada,1\n") == [Row(2, ["1", "Ada", "a@x.example"])]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_ending_is_read_and_counted(end: bytes) -> None:
    assert [row.line for row in read(end.join([b"number,name,email", b"1,A,a", b"", b"2,B,b"]))] == [2, 4]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(b"\xef\xbb\xbfnumber,name,email\n1,Si\xc3\xa2n,s\n")[0].cells == ["1", "Siân", "s"]


def test_rows_of_empty_cells_are_passed_over() -> None:
    assert read(b"number,name,email\n,,\n , ,\n1,A,a\n") == [Row(4, ["1", "A", "a"])]


def test_decomposed_letters_are_composed() -> None:
    assert read("number,name,email\n1,Sia\u0302n,s\n".encode())[0].cells[1] == "Siân"


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        (b"1,A", "email", "This line is short: it has 2 of 3 cells."),
        (b"1,A,a,extra", "", "This line is long: it has 4 cells, not 3."),
        (b"1,Si\xe2n,s", "name", "not UTF-8"),
        (b"1,A\0B,s", "name", "a NUL byte"),
        ("1,A\u202eB,s".encode(), "name", "a hidden character (U+202E)"),
        (b"1,A\x07B,s", "name", "a hidden character (U+0007)"),
        (b'1,"A,s', "", "quotation marks"),
        (b'1,"A"B,s', "", "quotation marks"),
        (b"1," + b"A" * (LONGEST_LINE + 50) + b",s", "", "longer than 20,000 characters"),
    ],
)
def test_a_broken_line_is_named_by_line_and_column_and_spoils_no_other(line: bytes, column: str, says: str) -> None:
    before, broken, after = read(b"number,name,email\n1,A,a\n" + line + b"\n9,Z,z\n")
    assert (before.line, broken.line, after) == (2, 3, Row(4, ["9", "Z", "z"]))
    assert broken.broken is not None
    assert broken.broken.column == column
    assert says in broken.broken.problem
    assert not any("\0" in cell for cell in broken.cells)


def test_a_broken_cell_is_shown_without_what_is_hidden_in_it() -> None:
    (row,) = read(b"number,name,email\n1,A\0B,s\n")
    assert row.broken is not None
    assert row.broken.value == "A\ufffdB"


def test_the_line_number_is_right_after_an_over_long_line() -> None:
    assert [row.line for row in read(b"number,name,email\n" + b"x" * (3 * LONGEST_LINE) + b"\n2,B,b\n")] == [2, 3]


def test_reading_takes_no_more_of_a_file_than_it_was_asked_for() -> None:
    class Endless(io.RawIOBase):
        """A header and then the same row for ever."""

        given = 0

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            self.given = offset
            return offset

        def readinto(self, buffer: object) -> int:
            view = memoryview(buffer)  # type: ignore[arg-type]
            text = b"number,name,email\n" if self.given == 0 else b"1,A,a\n"
            view[: len(text)] = text
            self.given += len(text)
            return len(text)

    found = rows(io.BufferedReader(Endless(), 64), COLUMNS)
    assert [next(found).cells for _ in range(1_000)] == [["1", "A", "a"]] * 1_000

"""What one paper says, as plain data. Whoever knows the facts fills it; the renderer knows no database and no request.

Every text may hold anything anybody wrote: it is never read as markup. Long texts and tables are cut where `bounded` says, with a
sentence that the rest is in the attached file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.utils import timezone

from portal.receipts.paper.printable import LINES

MOST_CHARACTERS = 40_000  # of one person's words
MOST_LINES = 1_000
MOST_ROWS = 1_000
SHORT = 400  # of anything else: a value, half a cell
CELL_LINES = 20
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A fact with its label. under: a second line in small type. exact: set as typewriter, for keys, hashes and numbers to compare."""

    label: str
    value: str
    under: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """Sentences of ours, then points, each with a dash before it."""

    heading: str
    paragraphs: Sequence[str] = ()
    points: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What somebody wrote, as they wrote it. note: a sentence of ours after it."""

    heading: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under named columns, whose names stand again on every page. widths: shares of the width. A cell may hold line breaks."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    note: str = ""

    def __post_init__(self) -> None:
        if not self.columns or {len(self.columns)} != {len(self.widths), *map(len, self.rows)} or min(self.widths) < 1:
            raise ValueError("each row, and the widths, are as long as the columns")


Part = Prose | Words | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One document.

    force: its name. noun: what is attached, "receipt" or "statement". title: "Receipt: you sent a report". reference: "MR-7K3P-9QXA", or
    empty. checks: what to compare in the box "How to check this". check_url: the page that checks it, also printed as a QR code: no
    private word belongs in it. final: false for a paper about something pending, which is made again when it is asked for again.
    """

    force: str
    noun: str
    title: str
    reference: str = ""
    facts: Sequence[Line]
    parts: Sequence[Part] = ()
    checks: Sequence[Line] = ()
    check_url: str
    attachment: bytes
    attachment_name: str
    final: bool = True

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.attachment_name):
            raise ValueError("an attachment's name is letters, digits, dots and dashes")
        self.attachment.decode()  # typst takes text alone; UnicodeDecodeError is a ValueError
        if not self.title.strip():
            raise ValueError("a paper has a title")


def at(label: str, moment: datetime) -> Line:
    """A time: "2:02:07pm on Monday 23 November 2026" in Europe/London, with UTC to the microsecond beneath. `moment` is aware."""
    return Line(label=label, value=_worded(moment, "%A "), under=f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC")


def in_london(moment: datetime) -> str:
    """ "2:02:07pm on 23 November 2026"; `moment` is aware."""
    return _worded(moment)


def _worded(moment: datetime, weekday: str = "") -> str:
    local = timezone.localtime(moment)
    half = "pm" if local.hour >= 12 else "am"
    return f"{local.hour % 12 or 12}:{local:%M:%S}{half} on {local.strftime(weekday)}{local.day} {local:%B %Y}"


def bounded(paper: Paper) -> Paper:
    """The paper with every text and table as long as it may be at most."""
    return replace(
        paper,
        title=_short(paper.title),
        reference=_short(paper.reference),
        facts=[_line(line) for line in paper.facts],
        checks=[_line(line) for line in paper.checks],
        parts=[_part(part, paper.noun) for part in paper.parts],
    )


def _part(part: Part, noun: str) -> Part:
    if isinstance(part, Words):
        return _words(part, noun)
    if isinstance(part, Table):
        return _table(part, noun)
    return replace(part, heading=_short(part.heading))


def _words(words: Words, noun: str) -> Words:
    whole = LINES.sub("\n", words.text)
    kept = "\n".join(whole[:MOST_CHARACTERS].split("\n")[:MOST_LINES])
    left = len(whole) - len(kept)
    return replace(
        words, text=kept, note=_and(words.note, f"Cut here: {left:,} more characters are in the attached {noun}." if left else "")
    )


def _table(table: Table, noun: str) -> Table:
    rows = [[_cell(cell) for cell in row] for row in table.rows[:MOST_ROWS]]
    left = len(table.rows) - len(rows)
    return replace(table, rows=rows, note=_and(table.note, f"{left:,} more rows are in the attached {noun}." if left else ""))


def _cell(text: str) -> str:
    kept = "\n".join(LINES.sub("\n", text)[: 2 * SHORT].split("\n")[:CELL_LINES])
    return kept if len(kept) == len(LINES.sub("\n", text)) else kept + "…"


def _line(line: Line) -> Line:
    return replace(line, label=_short(line.label), value=_short(line.value), under=_short(line.under))


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[:SHORT] + "…"


def _and(*sentences: str) -> str:
    return " ".join(filter(None, sentences))

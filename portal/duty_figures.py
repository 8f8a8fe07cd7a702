"""Figures of duties as they are shown: in fives, without what fewer than five would tell, as charts and as a file.

Every number is rounded by itself. So what is left out can't be had by taking what is shown from a total, nor from the same figures for one
month more: whatever the difference is, it fits any number from one to four (docs/figures.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.http import HttpRequest

from portal.people.models import Person, Unit
from portal.ui.charts import Measure
from reporting.choices import Category, Counted, Grouping
from reporting.counting.figures import Asked, Tallies, Tally, tallies
from reporting.forms.figures import FigureFilters, OwnUnitFilters

SMALL = 5
HALF, MOST = 0.5, 0.9
LEAST = {HALF: 10, MOST: 50}  # duties: so that at least five took as long as what is shown, or longer
HIDDEN, NONE = "fewer than 5", "–"
SCALES = [("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1))]
TIMES = {
    Counted.TOLD_OPENED: "From told to opened",
    Counted.OPENED_ACTED: "From opened to acted",
    Counted.PASSED_ACTED: "From passed to acted",
}
HEAD = ["Half within", "Nine in ten within"]


class Span(NamedTuple):
    """The time that half take or less, and nine in ten; None where fewer than five took longer."""

    half: timedelta | None
    most: timedelta | None


@dataclass(frozen=True, slots=True)
class Row:
    """One group as it is shown; None for what is left out. Nothing of a group of fewer than five duties is shown."""

    label: str
    duties: int | None
    lapsed: int | None
    aside: int | None
    times: Mapping[Counted, Span]

    def share(self, some: int | None) -> int | None:
        """Per cent of the duties, worked out from what is shown and nothing finer."""
        return None if some is None or not self.duties else min(round(100 * some / self.duties), 100)


class Chart(NamedTuple):
    """What the `measure_chart` tag takes."""

    title: str
    rows: list[Measure]
    head: list[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """The duties' part of the page."""

    filters: FigureFilters
    asked: Asked
    rows: list[Row]
    whole: Row

    def charts(self) -> list[Chart]:
        named = [*self.rows, self.whole]
        return [*(time_chart(what, named) for what in TIMES), missed_chart(named), aside_chart(self.rows, self.whole)] if self.rows else []

    def table(self) -> Iterator[list[str]]:
        """A heading and a line for each group, as they go into a file; times in hours."""
        times = [f"{title.lower()}: hours {share.lower()}" for title in TIMES.values() for share in HEAD]
        yield [str(self.asked.by.label), "duties", "missed a deadline", "missed a deadline, %", "stepped aside", *times]
        for row in [*self.rows, self.whole]:
            spans = [_hours(time, row) for what in TIMES for time in row.times[what]]
            yield [row.label, _said(row.duties), _said(row.lapsed), _percent(row), _said(row.aside), *spans]


def shown(request: HttpRequest, person: Person, own: Unit | None) -> Shown:
    """The figures that the address asks for. `own`: the one unit that a manager sees."""
    filters = OwnUnitFilters(request.GET) if own else FigureFilters(request.GET)
    chosen = filters.chosen()
    by = Grouping(chosen.get("by") or (Grouping.MONTH if own else Grouping.UNIT))
    asked = Asked(by, own or chosen.get("unit"), chosen.get("category", ""), chosen.get("first"), chosen.get("last"))
    found = tallies(asked, viewer=person)
    return Shown(filters, asked, rows(asked.by, found), row("All", found.whole))


def rows(by: Grouping, found: Tallies) -> list[Row]:
    """The groups in their order: units by code, categories by name, months as they went."""
    named = sorted((name, key) for key, name in _names(by, list(found.groups)).items())
    order = sorted(found.groups) if by == Grouping.MONTH else [key for _, key in named]
    names = {key: name for name, key in named}
    return [row(names[key], found.groups[key]) for key in order]


def row(label: str, tally: Tally) -> Row:
    duties = rounded(tally.number(Counted.DUTIES))
    if duties is None:
        return Row(label, None, None, None, dict.fromkeys(TIMES, Span(None, None)))
    times = {what: span(tally, what) for what in TIMES}
    return Row(label, duties, rounded(tally.number(Counted.LAPSED)), rounded(tally.number(Counted.ASIDE)), times)


def rounded(number: int) -> int | None:
    """Down to a multiple of five; None for one to four."""
    return None if 0 < number < SMALL else number // SMALL * SMALL


def span(tally: Tally, what: Counted) -> Span:
    half, most = (tally.time(what, share) if tally.number(what) >= least else None for share, least in LEAST.items())
    return Span(half, most)


def time_chart(what: Counted, named: list[Row]) -> Chart:
    """In the largest unit of time that leaves the longest bar above two."""
    longest = max((row.times[what].most or row.times[what].half or timedelta() for row in named), default=timedelta())
    name, size = next(((name, size) for name, size in SCALES if longest >= 2 * size), SCALES[-1])
    return Chart(TIMES[what], [_measure(row, row.times[what], name, size) for row in named], HEAD)


def missed_chart(named: list[Row]) -> Chart:
    measures = []
    for row in named:
        share = row.share(row.lapsed)
        said = NONE if share is None else f"{share}%"
        measures.append(Measure(row.label, share, None, said, [_said(row.lapsed), _said(row.duties), said]))
    return Chart("Duties that missed a deadline", measures, ["Missed", "Duties", "Share"])


def aside_chart(named: list[Row], whole: Row) -> Chart:
    """All of them are in the table alone: beside that bar no other would be seen."""
    measures = [Measure(row.label, row.aside, None, _said(row.aside), [_said(row.aside), _said(row.duties)]) for row in named]
    measures.append(Measure(whole.label, None, None, NONE, [_said(whole.aside), _said(whole.duties)]))
    return Chart("Holders who stepped aside", measures, ["Stepped aside", "Duties"])


def _measure(row: Row, times: Span, name: str, size: timedelta) -> Measure:
    half, most = (None if time is None else round(time / size, 1) for time in times)
    shown = [f"{number:g}" for number in (half, most) if number is not None]
    cells = [NONE if number is None else f"{number:g} {name}" for number in (half, most)]
    return Measure(row.label, half, most, f"{' and '.join(shown)} {name}" if shown else NONE, cells)


def _names(by: Grouping, keys: list[str]) -> dict[str, str]:
    if by == Grouping.CATEGORY:
        return {key: str(Category(key).label) for key in keys}
    if by == Grouping.MONTH:
        return {key: f"{date.fromisoformat(key):%B %Y}" for key in keys}
    units = {str(unit.pk): str(unit) for unit in Unit.objects.filter(pk__in=[key for key in keys if key.isdigit()])}
    return {key: units.get(key, "Unit kept back" if key == "true" else "No unit") for key in keys}


def _said(number: int | None) -> str:
    return HIDDEN if number is None else f"{number}"


def _percent(row: Row) -> str:
    return "" if row.duties == 0 else _said(row.share(row.lapsed))


def _hours(time: timedelta | None, row: Row) -> str:
    if time is None:
        return HIDDEN if row.duties is None else ""
    return f"{time / timedelta(hours=1):.2f}"

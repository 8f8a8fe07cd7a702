"""Charts drawn on the server as SVG with the same figures as a table: no script, no inline style, readable by everyone.

A chart here is plain data for `components/_chart.html`: shapes at whole-number positions in a picture 420 units wide, narrow so that its
words stay readable on a phone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

WIDTH = 420
ROW, BAR_UNDER, BAR = 46, 20, 14
TRACK = 250  # of a measure's bar: its figure stands beside it, because its label may be long
MARK = 4
PLOT_LEFT, PLOT_RIGHT, PLOT_TOP, PLOT_HEIGHT = 48, 8, 12, 180
TICKS = 4


def figure(value: float | None, unit: str) -> str:
    """ "1,204", "82.5%", "3 hours"; a dash where there is no figure."""
    if value is None:
        return "–"
    number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return f"{number}{unit}" if unit == "%" else f"{number} {unit}".strip()


def nice(most: float) -> float:
    """The end of a scale: the next 1, 2, 2.5 or 5 times a power of ten."""
    if most <= 0:
        return 1
    power = 10.0 ** (len(str(int(most))) - 1) if most >= 1 else 0.1
    return next(power * step for step in (1, 2, 2.5, 5, 10) if power * step >= most)


def bar(index: int, label: str, value: float, scale: float, unit: str) -> dict[str, Any]:
    top = index * ROW
    width = round(WIDTH * min(max(value, 0), scale) / scale)
    return {"text_y": top + 15, "y": top + BAR_UNDER, "width": width, "label": label, "figure": figure(value, unit)}


def bars(title: str, rows: Sequence[tuple[str, float]], *, unit: str = "", most: float | None = None) -> dict[str, Any]:
    """Horizontal bars, one a row, each under its label and figure."""
    scale = most or max((value for _, value in rows), default=0) or 1
    return {
        "kind": "bars",
        "title": title,
        "size": {"width": WIDTH, "height": max(len(rows), 1) * ROW, "bar": BAR},
        "bars": [bar(index, label, value, scale, unit) for index, (label, value) in enumerate(rows)],
        "head": ["", unit if unit and unit != "%" else "Figure"],
        "table": [[label, figure(value, unit)] for label, value in rows],
    }


class Measure(NamedTuple):
    """A row of `measures`: a bar up to `value` and perhaps a mark further out, what is said beside it, and its cells in the table."""

    label: str
    value: float | None
    mark: float | None
    said: str
    cells: Sequence[str]


def measures(title: str, rows: Sequence[Measure], head: Sequence[str]) -> dict[str, Any]:
    """Horizontal bars under their labels, with a mark where there is a second figure. Rows without one are in the table
    alone, and there is no table where no cell has a figure."""
    drawn = [row for row in rows if row.value is not None]
    scale = max((max(row.value or 0, row.mark or 0) for row in drawn), default=0) or 1
    return {
        "kind": "measures",
        "title": title,
        "size": {"width": WIDTH, "height": max(len(drawn), 1) * ROW, "bar": BAR, "track": TRACK, "mark": MARK},
        "bars": [_measure(index, row, scale) for index, row in enumerate(drawn)],
        "few": not drawn,
        "bare": not drawn and not any(cell[:1].isdigit() for row in rows for cell in row.cells),
        "head": ["", *head],
        "table": [[row.label, *row.cells] for row in rows],
    }


def _measure(index: int, row: Measure, scale: float) -> dict[str, Any]:
    top = index * ROW
    width = round(TRACK * (row.value or 0) / scale)
    mark = None if row.mark is None else max(round(TRACK * row.mark / scale) - MARK, 0)
    return {"text_y": top + 15, "y": top + BAR_UNDER, "said_y": top + BAR_UNDER + 12, "width": width, "mark": mark, **_words(row)}


def _words(row: Measure) -> dict[str, str]:
    return {"label": row.label, "figure": row.said}


def across(count: int) -> list[int]:
    """Where each of `count` points stands from left to right."""
    room = WIDTH - PLOT_LEFT - PLOT_RIGHT
    return [PLOT_LEFT + round(room * index / max(count - 1, 1)) for index in range(count)]


def height_of(value: float, scale: float) -> int:
    return PLOT_TOP + PLOT_HEIGHT - round(PLOT_HEIGHT * value / scale)


def paths(values: Sequence[float | None], places: Sequence[int], scale: float) -> str:
    """The SVG path of a line; a missing figure breaks it."""
    steps, pen = [], "M"
    for value, x in zip(values, places, strict=False):
        if value is None:
            pen = "M"
            continue
        steps.append(f"{pen}{x} {height_of(value, scale)}")
        pen = "L"
    return " ".join(steps)


def ticks(scale: float, unit: str) -> list[dict[str, Any]]:
    """Of what is counted in whole things, only the whole ones."""
    values = [scale * step / TICKS for step in range(TICKS + 1)]
    return [{"y": height_of(value, scale), "text": figure(value, unit)} for value in values if unit or value.is_integer()]


def under(labels: Sequence[str], places: Sequence[int]) -> list[dict[str, Any]]:
    """At most five labels under the plot, evenly chosen."""
    every = max(1, -(-len(labels) // 5))
    return [{"x": places[index], "text": labels[index]} for index in range(0, len(labels), every)]


def lines(title: str, labels: Sequence[str], series: Mapping[str, Sequence[float | None]], *, unit: str = "") -> dict[str, Any]:
    """One line for each series over the same labels."""
    known = [value for values in series.values() for value in values if value is not None]
    scale, places = nice(max(known, default=0)), across(len(labels))
    drawn = [
        {"number": number, "name": name, "path": paths(values, places, scale), "key_x": PLOT_LEFT + (number - 1) * 120}
        for number, (name, values) in enumerate(series.items(), start=1)
    ]
    columns = list(series.values())
    table = [[label, *(figure(values[at] if at < len(values) else None, unit) for values in columns)] for at, label in enumerate(labels)]
    bottom = PLOT_TOP + PLOT_HEIGHT
    return {
        "kind": "lines",
        "title": title,
        "size": {
            "width": WIDTH,
            "height": bottom + 56,
            "left": PLOT_LEFT,
            "right": WIDTH - PLOT_RIGHT,
        },
        "under": bottom + 20,
        "key": bottom + 44,
        "lines": drawn,
        "ticks": ticks(scale, unit),
        "labels": under(labels, places),
        "head": ["", *series],
        "table": table,
    }

"""Days and times as people write them: "3", "nov" and "26"; "2:02pm", "14.02", "1402", "2pm", "noon"."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from django.utils import timezone

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
TIME = re.compile(r"(?P<hour>\d{1,2})(?:\s*[:.h]?\s*(?P<minute>\d{2}))?\s*(?P<half>[ap])?\.?\s*(?:m\.?)?", re.ASCII)
NAMED = {"noon": time(12), "midday": time(12), "midnight": time(0)}


class Unreadable(ValueError):
    """What is wrong with a day or time, worded to finish with the name of the thing asked for."""

    def __init__(self, wording: str) -> None:
        super().__init__(wording)
        self.wording = wording

    def sentence(self, noun: str) -> str:
        return self.wording.format(noun=noun, Noun=noun[:1].upper() + noun[1:])


def written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def missing(boxes: dict[str, str]) -> str | None:
    """ "a day", "a month and a year"… of the boxes left empty."""
    empty = [f"a {name}" for name, text in boxes.items() if not text.strip()]
    return " and ".join(empty) if empty else None


def number(text: str) -> int:
    cleaned = text.strip()
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() else -1


def month(text: str) -> int:
    named = text.strip().lower()[:3]
    return MONTHS.index(named) + 1 if named in MONTHS else number(text)


def year(text: str) -> int:
    given = number(text)
    return given + 2000 if 0 <= given < 100 and len(text.strip()) <= 2 else given


def day(day_box: str, month_box: str, year_box: str) -> date:
    """The date in three boxes. Months may be names, years two digits. Raises Unreadable."""
    if lacking := missing({"day": day_box, "month": month_box, "year": year_box}):
        raise Unreadable(f"{{Noun}} must include {lacking}")
    try:
        return date(year(year_box), month(month_box), number(day_box))
    except (ValueError, OverflowError):
        raise Unreadable("{Noun} must be a real date, such as 27 3 2026") from None


def hour(given: int, half: str | None) -> int:
    if half is None:
        return given
    return given % 12 + (12 if half == "p" else 0) if 1 <= given <= 12 else 99


def clock(text: str) -> time:
    """A time of day. Raises Unreadable."""
    said = text.strip().lower()
    if said in NAMED:
        return NAMED[said]
    found = TIME.fullmatch(said)
    if not said or not found:
        raise Unreadable("Enter the time for {noun}, such as 2:02pm")
    try:
        return time(hour(int(found["hour"]), found["half"]), int(found["minute"] or 0))
    except ValueError:
        raise Unreadable("Enter a real time for {noun}, such as 2:02pm") from None


def moment(on: date, text: str) -> datetime:
    """The aware moment of a day and a written time in Europe/London. Raises Unreadable for the hour that spring skips."""
    at = timezone.make_aware(datetime.combine(on, clock(text)))
    if timezone.localtime(at.astimezone(timezone.get_fixed_timezone(0))).replace(tzinfo=None) != at.replace(tzinfo=None):
        raise Unreadable("The clocks went forward in that hour: enter another time for {noun}")
    return at

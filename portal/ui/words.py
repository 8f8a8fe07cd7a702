"""Times in words, in Europe/London: "2:02pm today", "43 minutes", "2 hours 5 minutes overdue"."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

MINUTE, HOUR, DAY = 60, 3600, 86400


def clock(at: datetime) -> str:
    """ "2:02pm", "9am", "midday", "midnight"; `at` is local already."""
    if at.minute == 0 and at.hour in (0, 12):
        return "midday" if at.hour else "midnight"
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'pm' if at.hour >= 12 else 'am'}"


def day(at: date | datetime | None) -> str:
    """ "30 November", with the year where it is not this one."""
    if at is None:
        return ""
    today = timezone.localdate()
    on = timezone.localtime(at).date() if isinstance(at, datetime) else at
    return f"{on.day} {on:%B}" if on.year == today.year else f"{on.day} {on:%B} {on.year}"


def moment(at: datetime | None) -> str:
    """ "2:02pm today", "4pm tomorrow", "2:02pm yesterday", "2:02pm, 23 November"."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    away = (local.date() - timezone.localdate()).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(away)
    return f"{clock(local)} {near}" if near else f"{clock(local)}, {day(local.date())}"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(stretch: timedelta) -> str:
    """The two largest parts that matter: "43 minutes", "2 hours 5 minutes", "3 days 4 hours"; under a minute: "less than a minute"."""
    seconds = abs(int(stretch.total_seconds()))
    if seconds < MINUTE:
        return "less than a minute"
    days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
    parts = [(days, "day"), (hours, "hour")] if days else [(hours, "hour"), (minutes, "minute")]
    return " ".join(count(number, noun) for number, noun in parts if number)


def left(stretch: timedelta) -> str:
    """What is left of a stretch of time, or by how much it is past."""
    return f"{duration(stretch)} overdue" if stretch <= timedelta() else duration(stretch)

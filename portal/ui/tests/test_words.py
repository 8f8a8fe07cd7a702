"""Times in words, in Europe/London."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template

from portal.ui import words

NOW = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW, "2:02pm today"),
        (NOW - timedelta(days=1), "2:02pm yesterday"),
        (NOW + timedelta(days=1), "2:02pm tomorrow"),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), "4pm today"),
        (datetime(2026, 11, 23, 12, 0, tzinfo=UTC), "midday today"),
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), "midnight tomorrow"),
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "12:30am, 2 July"),
        (datetime(2025, 3, 3, 9, 5, tzinfo=UTC), "9:05am, 3 March 2025"),
        (None, ""),
    ],
)
def test_a_moment_is_said_as_people_say_it(at: datetime | None, said: str) -> None:
    assert words.moment(at) == said


@pytest.mark.parametrize(
    ("at", "said"), [(date(2026, 11, 30), "30 November"), (date(2027, 1, 2), "2 January 2027"), (NOW, "23 November"), (None, "")]
)
def test_a_day_has_its_year_only_where_it_is_another(at: date | None, said: str) -> None:
    assert words.day(at) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0.5, "less than a minute"),
        (1, "1 minute"),
        (43, "43 minutes"),
        (60, "1 hour"),
        (125, "2 hours 5 minutes"),
        (1440 * 3 + 240, "3 days 4 hours"),
        (-125, "2 hours 5 minutes overdue"),
    ],
)
def test_time_left_is_said_in_its_two_largest_parts(minutes: float, said: str) -> None:
    assert words.left(timedelta(minutes=minutes)) == said


def test_a_moment_is_marked_up_for_machines_too() -> None:
    html = Template("{% load candour %}{% time at %} {{ at|left }}").render(Context({"at": NOW}))
    assert html == '<time datetime="2026-11-23T14:02:00+00:00">2:02pm today</time> less than a minute overdue'

"""A calendar: every pattern, who follows which, and the days that are closed, as one text that its digest names.

`in_force()` reads the calendar as it stands now. `keep()` stores it, so that `kept(digest)` finds it again, whatever changes later:
a ladder that is frozen into a report holds the digest, and with it the hours, the bank holidays and the closed days of that day.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import holidays
from django.utils import timezone

from portal.hours.counting import ALWAYS, Hours, Shift
from portal.people.models import Person, Post
from portal.postgres.base import one, rows
from portal.record.canonical import Json, canonical

log = logging.getLogger(__name__)
YEARS_AHEAD = 3  # bank holidays are kept for this year and so many more
MOST_KNOWN = 256
KEEP = "INSERT INTO hours_keptcalendar (digest, text) VALUES (%(digest)s, %(text)s) ON CONFLICT (digest) DO NOTHING RETURNING 1"
KEPT = "SELECT text FROM hours_keptcalendar WHERE digest = %(digest)s::text"
READ = """
SELECT
    (SELECT coalesce(jsonb_object_agg(pattern.id, jsonb_build_object(
        'name', pattern.name, 'default', pattern.is_default, 'on_closed_days', pattern.on_closed_days,
        'shifts', (
            SELECT coalesce(jsonb_agg(jsonb_build_array(
                weekday, (extract(epoch FROM starts) / 60)::integer, (extract(epoch FROM ends) / 60)::integer
            ) ORDER BY weekday, starts), '[]') FROM hours_shift WHERE pattern_id = pattern.id
        )
    )), '{}') FROM hours_pattern AS pattern),
    (SELECT coalesce(jsonb_object_agg(coalesce('unit:' || follower.unit_id, 'post:' || post.code), follower.pattern_id::text), '{}')
        FROM hours_follower AS follower LEFT JOIN people_post AS post ON post.id = follower.post_id),
    (SELECT coalesce(jsonb_agg(day ORDER BY day), '[]') FROM hours_closedday WHERE day >= make_date(%(year)s::integer, 1, 1))
"""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours that count for each follower, `unit:<key>` or `post:<code>`, and for everybody else."""

    digest: str
    text: str = field(compare=False, repr=False)
    followed: Mapping[str, Hours] = field(compare=False, repr=False)
    default: Hours = field(compare=False, repr=False)

    def hours(self, follower: str) -> Hours:
        return self.followed.get(follower, self.default)


_known: dict[str, Calendar] = {}


def in_force() -> Calendar:
    """The calendar as administrators have it now, in one query."""
    year = timezone.localdate().year
    patterns, follows, closed = (json.loads(column) for column in rows(READ, {"year": year})[0])
    days = sorted({*closed, *bank_holidays(year)})
    span: dict[str, Json] = {"zone": "Europe/London", "from": year, "until": year + YEARS_AHEAD}
    text = canonical({**span, "patterns": patterns, "follows": follows, "closed": days})
    return _remember(hashlib.sha256(text.encode()).hexdigest(), text)


def keep(calendar: Calendar) -> None:
    """Store the calendar where it is not stored yet; inside the transaction that promises something by it."""
    rows(KEEP, {"digest": calendar.digest, "text": calendar.text})


def kept(digest: str) -> Calendar:
    """The calendar with this digest.

    Where its row was lost or altered every hour counts, and the log says so: a deadline is then early, and never missing.
    """
    if digest in _known:
        return _known[digest]
    found = one(KEPT, {"digest": digest})
    if found is None or hashlib.sha256(found[0].encode()).hexdigest() != digest:
        log.error("calendar %s is not what was kept: deadlines count every hour", digest)
        return Calendar(digest, "", {}, ALWAYS)
    return _remember(digest, found[0])


def follower_of(person: Person | None, post: Post | None) -> str:
    """Whose hours count for a holder: an officer's are their own unit's, a post's are its own."""
    if post is not None:
        return f"post:{post.code}"
    return f"unit:{person.unit_id}" if person is not None and person.unit_id else ""


@lru_cache(maxsize=8)
def bank_holidays(year: int) -> tuple[str, ...]:
    """Bank holidays of England from `year` on, as ISO dates."""
    found = holidays.country_holidays("GB", subdiv="ENG", years=range(year, year + YEARS_AHEAD + 1))
    return tuple(sorted(day.isoformat() for day in found))


def _remember(digest: str, text: str) -> Calendar:
    """One object for each digest, so that what was counted by it once is not counted again."""
    if digest not in _known:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[digest] = _read(digest, text)
    return _known[digest]


def _read(digest: str, text: str) -> Calendar:
    said = json.loads(text)
    closed = frozenset(date.fromisoformat(day) for day in said["closed"])
    hours = {key: _hours(pattern, closed) for key, pattern in said["patterns"].items()}
    default = next((hours[key] for key, pattern in said["patterns"].items() if pattern["default"]), ALWAYS)
    return Calendar(digest, text, {follower: hours[key] for follower, key in said["follows"].items()}, default)


def _hours(pattern: Mapping[str, Any], closed: frozenset[date]) -> Hours:
    shifts = tuple(Shift(weekday, starts, ends) for weekday, starts, ends in pattern["shifts"])
    return Hours(shifts, frozenset() if pattern["on_closed_days"] else closed)

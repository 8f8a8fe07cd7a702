"""Who at a post is on duty when: shifts of every week, dated covers that stand instead of them, and absences that thin both.

Weekly shifts are told in Europe/London, as a clock on the wall shows them; what comes in and goes out is UTC. A post without shifts and
covers has no rota, and everyone at it is on duty.
"""

from __future__ import annotations

import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone

from portal.hours.counting import Shift, instant
from portal.people.models import Absence, Post, PostMember, RotaCover, RotaShift
from portal.postgres.base import rows

DAY = timedelta(days=1)
Between = tuple[datetime, datetime]
HAS_ROTA = """
SELECT EXISTS (SELECT FROM people_rotashift WHERE post_id = %(post)s) OR EXISTS (SELECT FROM people_rotacover WHERE post_id = %(post)s)
"""


@dataclass(slots=True)
class Rota:
    """One post's, for a stretch of time: only members who are active are on it. Each stretch is from its first moment up to its last."""

    shifts: list[tuple[uuid.UUID, Shift]] = field(default_factory=list)
    covers: list[tuple[uuid.UUID, Between]] = field(default_factory=list)
    away: list[tuple[uuid.UUID, Between]] = field(default_factory=list)

    @property
    def exists(self) -> bool:
        return bool(self.shifts or self.covers)

    def at(self, moment: datetime) -> frozenset[uuid.UUID]:
        """Who is on duty."""
        covering = {person for person, stretch in self.covers if _holds(stretch, moment)}
        named = covering or {person for person, shift in self.shifts if _works(shift, moment)}
        return frozenset(named - {person for person, stretch in self.away if _holds(stretch, moment)})

    def holes(self, start: datetime, end: datetime) -> list[Between]:
        """Stretches between `start` and `end` in which nobody is on duty, where there is a rota at all. Those that touch are one."""
        found = list[Between]()
        moments = sorted({start, end, *(at for at in self._turns(start, end) if start < at < end)})
        for opens, closes in itertools.pairwise(moments) if self.exists else ():
            if not self.at(opens):
                began = found.pop()[0] if found and found[-1][1] == opens else opens
                found.append((began, closes))
        return found

    def _turns(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Every moment at which somebody comes or goes."""
        for _, stretch in (*self.covers, *self.away):
            yield from stretch
        day = timezone.localdate(start) - DAY
        while day <= timezone.localdate(end):
            for _, shift in self.shifts:
                if shift.weekday == day.weekday():
                    yield from _on(shift, day)
            day += DAY


def rotas(posts: list[int], start: datetime, end: datetime) -> dict[int, Rota]:
    """The rota of each post as it is between two moments; three queries for however many posts. Who has left is on none."""
    found: dict[int, Rota] = defaultdict(Rota)
    active = PostMember.objects.filter(post__in=posts, person__is_active=True).values_list("post", "person")
    members = set(active)
    for shift in RotaShift.objects.filter(post__in=posts):
        if (shift.post_id, shift.person_id) in members:
            stretch = Shift(shift.weekday, _minutes(shift.starts.hour, shift.starts.minute), _minutes(shift.ends.hour, shift.ends.minute))
            found[shift.post_id].shifts.append((shift.person_id, stretch))
    for cover in RotaCover.objects.filter(post__in=posts, starts_at__lt=end, ends_at__gt=start):
        if (cover.post_id, cover.person_id) in members:
            found[cover.post_id].covers.append((cover.person_id, (cover.starts_at, cover.ends_at)))
    if found:
        _thin(found, members, start, end)
    return dict(found)


def _thin(found: dict[int, Rota], members: set[tuple[int, uuid.UUID]], start: datetime, end: datetime) -> None:
    """Take in who of them is away."""
    people = {person for _, person in members}
    away = defaultdict[uuid.UUID, list[Between]](list)
    for absence in Absence.objects.filter(person__in=people).touching(start, end):
        away[absence.person_id].append((absence.starts_at, absence.ends_at))
    for post, rota in found.items():
        rota.away = [(person, stretch) for at, person in members if at == post for stretch in away[person]]


def on_duty(post: int, at: datetime) -> frozenset[uuid.UUID]:
    """Who is on duty at a post at a moment of the database's clock; nobody where it has no rota, or a hole in it."""
    return _on_duty(post, at)


@lru_cache(maxsize=16)
def _on_duty(post: int, at: datetime) -> frozenset[uuid.UUID]:
    """A sweep asks for thousands of reports at one moment, which no other transaction shares."""
    if not rows(HAS_ROTA, {"post": post})[0][0]:
        return frozenset()
    found = rotas([post], at, at + timedelta(microseconds=1))
    return found[post].at(at) if post in found else frozenset()


def all_rotas(start: datetime, end: datetime) -> Iterator[tuple[Post, Rota]]:
    """Posts that have a rota, with it, by name."""
    posts = {post.pk: post for post in Post.objects.order_by("name")}
    found = rotas(list(posts), start, end)
    yield from ((post, found[key]) for key, post in posts.items() if key in found)


def _minutes(hour: int, minute: int) -> int:
    return hour * 60 + minute


def _holds(stretch: Between, moment: datetime) -> bool:
    return stretch[0] <= moment < stretch[1]


def _works(shift: Shift, moment: datetime) -> bool:
    today = timezone.localdate(moment)
    return any(day.weekday() == shift.weekday and _holds(_on(shift, day), moment) for day in (today - DAY, today))


def _on(shift: Shift, day: date) -> Between:
    return instant(day, shift.starts), instant(day + DAY if shift.crosses_midnight else day, shift.ends)

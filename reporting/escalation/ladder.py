"""The ladder as it is frozen into a report: read a policy once, keep it as plain JSON.

What is kept of each level: its least rank or its post, minutes to open, minutes to act, and where working hours count the digest of the
calendar as it stood, which `portal.hours.calendars` keeps: shift patterns, who follows which, bank holidays and closed days. Nothing that
an administrator changes later moves a deadline of a report that was sent (docs/decisions/0017).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.hours import calendars
from portal.hours.calendars import Calendar
from portal.people.models import Post
from portal.postgres.base import Row, rows
from portal.postgres.making import made
from reporting.choices import Counting
from reporting.escalation.leaving_alone import BROKEN
from reporting.models import EscalationPolicy, EscalationRung, Report

log = logging.getLogger(__name__)
RUNG = ("id", "policy_id", "post_id", "level", "least_rank", "minutes_to_open", "minutes_to_act", "counting")
STANDING = f"""
SELECT policy.id, policy.urgent, policy.categories, policy.precedence, post.id, post.code, {", ".join(f"rung.{name}" for name in RUNG)}
FROM reporting_escalationrung AS rung JOIN reporting_escalationpolicy AS policy ON policy.id = rung.policy_id
    LEFT JOIN people_post AS post ON post.id = rung.post_id
WHERE policy.in_force ORDER BY rung.level
"""  # noqa: S608 - names of columns


@dataclass(frozen=True, slots=True)
class Rung:
    """One level. `least_rank` is a `people.models.Rank` value, or None at the top, where `post` is a post's code.

    Minutes elapse, or where there is a `calendar`, are minutes of the holder's working hours.
    """

    level: int
    least_rank: int | None
    post: str | None
    minutes_to_open: int
    minutes_to_act: int
    calendar: Calendar | None = None

    @property
    def is_last(self) -> bool:
        return self.post is not None

    def deadlines(self, start: datetime, follower: str = "") -> tuple[datetime, datetime]:
        """When a duty that begins at `start` must be opened, and acted on. `follower`: whose hours count, see `routing.Found`.

        It reads nothing but its arguments, and what was counted once is remembered: a sweep may ask for each of thousands.
        """
        if self.calendar is None:
            return start + timedelta(minutes=self.minutes_to_open), start + timedelta(minutes=self.minutes_to_act)
        hours = self.calendar.hours(follower)
        return hours.after(start, self.minutes_to_open), hours.after(start, self.minutes_to_act)


class NoPolicy(Exception):
    """No escalation policy that ends at a post is in force: an administrator has to set one before reports can be sent."""


class BrokenLadder(Exception):
    """The ladder frozen into a report cannot be climbed. The text says so, and whoever raises something in its place adds what to do."""

    def __init__(self) -> None:
        super().__init__("The levels of this report cannot be read, so whoever is next cannot be found.")


def in_force(*, urgent: bool, categories: Collection[str] = ()) -> list[Rung]:
    """The ladder for a report of these categories sent now. Raises NoPolicy."""
    standing = [_standing(row) for row in rows(STANDING)]
    chosen = best({rung.policy for rung in standing}, urgent=urgent, categories=categories)
    rungs = rungs_of([rung for rung in standing if rung.policy == chosen], urgent=urgent)
    if not rungs or not rungs[-1].is_last:
        raise NoPolicy("No escalation policy that ends at a post is in force. Tell an administrator.")
    return rungs


def of_policy(policy: EscalationPolicy, *, urgent: bool) -> list[Rung]:
    """The ladder of this policy, in force or not, for a report sent now. Empty where it has no levels yet."""
    return rungs_of(list(policy.rungs.select_related("post").order_by("level")), urgent=urgent)


def best(policies: Collection[EscalationPolicy], *, urgent: bool, categories: Collection[str]) -> EscalationPolicy | None:
    """The policy that is for a report like this. Of two, in this order: the one for people at risk, the one that names a category of it,
    the one that names fewer, the one with the lower precedence."""
    suitable = [
        policy
        for policy in policies
        if (urgent or not policy.urgent) and (not policy.categories or not set(policy.categories).isdisjoint(categories))
    ]
    return min(suitable, key=lambda one: (not one.urgent, not one.categories, len(one.categories), one.precedence), default=None)


def rungs_of(kept: Collection[EscalationRung], *, urgent: bool) -> list[Rung]:
    """A policy's levels for a report sent now. Where somebody is at risk every minute counts, whatever the policy says."""
    works = not urgent and any(rung.counting == Counting.WORKING for rung in kept)
    calendar = calendars.in_force() if works else None
    return [
        Rung(
            rung.level,
            rung.least_rank,
            rung.post.code if rung.post else None,
            rung.minutes_to_open,
            rung.minutes_to_act,
            calendar if rung.counting == Counting.WORKING else None,
        )
        for rung in kept
    ]


def freeze(rungs: list[Rung]) -> list[dict[str, Any]]:
    """The ladder as a report keeps it, and the calendar it counts by kept with it."""
    for calendar in {rung.calendar for rung in rungs if rung.calendar}:
        calendars.keep(calendar)
    return [_said(rung) for rung in rungs]


def frozen(report: Report) -> list[Rung]:
    return [_rung(kept) for kept in report.ladder]


@contextmanager
def climbing(report: Report) -> Iterator[None]:
    """For a verb that somebody waits for: what the sweep leaves alone in a report whose ladder is broken raises BrokenLadder."""
    try:
        yield
    except BROKEN as error:
        log.exception("report %s has a ladder that cannot be climbed", report.pk)
        raise BrokenLadder from error


def top(report: Report) -> Rung:
    """The last level, a post's, whatever is below it. Where the report's own cannot be read, it is that of the policy in force for a
    report like it, and the log says so: the post has deadlines all the same. Raises NoPolicy where there is none either."""
    rung = _last(report)
    if rung is None:
        log.error("report %s has no last level that can be read: deadlines are those of the policy in force", report.pk)
        return in_force(urgent=report.at_risk_now, categories=report.categories)[-1]
    return rung


def _last(report: Report) -> Rung | None:
    try:
        rung = _rung(report.ladder[-1])
    except BROKEN:
        return None
    return rung if rung.is_last else None


def _standing(row: Row) -> EscalationRung:
    """A level with its policy and post, from a row of `STANDING`."""
    (policy, urgent, categories, precedence), (post, code), rung = row[:4], row[4:6], row[6:]
    kept = made(EscalationPolicy, {"id": policy, "urgent": urgent, "categories": categories, "precedence": precedence})
    values = dict(zip(RUNG, rung, strict=True))
    return made(EscalationRung, values, {"policy": kept, "post": made(Post, {"id": post, "code": code}) if post else None})


def _said(rung: Rung) -> dict[str, Any]:
    said = {name: getattr(rung, name) for name in ("level", "least_rank", "post", "minutes_to_open", "minutes_to_act")}
    return said if rung.calendar is None else {**said, "calendar": rung.calendar.digest}


def _rung(kept: dict[str, Any]) -> Rung:
    """A report sent before there were calendars names none: its minutes elapse."""
    digest = kept.get("calendar")
    return Rung(**{**kept, "calendar": calendars.kept(digest)}) if digest else Rung(**kept)

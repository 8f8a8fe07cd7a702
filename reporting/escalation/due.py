"""Duties that are due, locked for the sweep with their reports, as the objects that the rest of the room knows.

One statement and no compiler: thousands are read a second. What many of them share (a ladder, a holder, a post) is one object.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any

from portal.people.models import Person, Post
from portal.postgres.base import Row, rows
from portal.postgres.making import made
from reporting.models import Duty, Report

DUTY = ("id", "report_id", "seq", "level", "state", "holder_id", "post_id", "open_due_at", "act_due_at", "next_due_at")
REPORT = ("id", "reference", "reporter_id", "unit_id", "at_risk_now", "confidential")
COLUMNS = ", ".join([*(f"duty.{name}" for name in DUTY), *(f"report.{name}" for name in REPORT)])
CLAIM = f"""
SELECT {COLUMNS}, report.ladder::text, holder.is_active, post.code, post.name
FROM reporting_duty AS duty
JOIN reporting_report AS report ON report.id = duty.report_id
LEFT JOIN people_person AS holder ON holder.id = duty.holder_id
LEFT JOIN people_post AS post ON post.id = duty.post_id
WHERE duty.next_due_at <= %(at)s AND duty.id <> ALL(%(but)s::bigint[]) ORDER BY duty.next_due_at LIMIT %(most)s
FOR NO KEY UPDATE OF duty, report SKIP LOCKED
"""  # noqa: S608 - names of columns
CLAIM_OF = CLAIM.replace("WHERE duty", "WHERE report.reference = ANY(%(of)s::text[]) AND duty")


def claim(at: datetime, most: int, *, but: Collection[int] = (), of: Collection[str] | None = None) -> list[Duty]:
    """Lock up to `most` duties with a deadline at or before `at`, the longest due first, those nobody else is working on.

    `but`: duties to leave alone, which could not be passed on a moment ago. `of`: references of the only reports to look at.
    """
    shared: dict[object, Any] = {None: None}
    given: dict[str, Any] = {"at": at, "most": most, "but": list(but)}
    found = rows(CLAIM, given) if of is None else rows(CLAIM_OF, {**given, "of": list(of)})
    return [_duty(row, shared) for row in found]


def _duty(row: Row, shared: dict[object, Any]) -> Duty:
    duty, (*report, ladder, is_active, code, name) = dict(zip(DUTY, row, strict=False)), row[len(DUTY) :]
    holder, post = duty["holder_id"], duty["post_id"]
    if holder not in shared:
        shared[holder] = made(Person, {"id": holder, "is_active": is_active})
    if post not in shared:
        shared[post] = made(Post, {"id": post, "code": code, "name": name})
    return made(Duty, duty, {"report": _report(report, ladder), "holder": shared[holder], "post": shared[post]})


def _report(row: list[Any], ladder: str) -> Report:
    values = dict(zip(REPORT, row, strict=True))
    reporter = made(Person, {"id": values["reporter_id"]})
    return made(Report, {**values, "ladder": _ladder(ladder)}, {"reporter": reporter})


@lru_cache(maxsize=256)
def _ladder(text: str) -> list[dict[str, Any]]:
    """Reports sent under one policy share the list that it reads as: nobody changes a frozen ladder."""
    read: list[dict[str, Any]] = json.loads(text)
    return read

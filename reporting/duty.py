"""The duty to act: how one begins, who is told, and the locks every change of it takes.

Lock order, for whatever changes a report or its duty: the Report row, then its open Duty row (both `FOR NO KEY UPDATE`, so that a new row
that points at them never waits), then the report's chain (`record.append`), then the chain of who looked at it. The time is read from the
database after the locks. The sweep takes the same two rows with `SKIP LOCKED`: it waits for nobody, and a report in use is looked at again
a second later.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.text import capfirst

from portal.postgres.making import made
from portal.record.appending import Entry
from portal.record.canonical import Json, iso
from reporting.choices import DutyState, Why
from reporting.escalation.inserting import insert_duties
from reporting.escalation.ladder import Rung, climbing, frozen, top
from reporting.escalation.routing import DESK, Found, at_the_desk, next_holder
from reporting.models import Duty, Report


def lock(report_id: uuid.UUID) -> tuple[Report, Duty | None]:
    """Lock a report and its open duty, in that order; None where nobody holds it any more. Raises Report.DoesNotExist."""
    report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
    open_duties = Duty.objects.filter(report=report).open().select_related("holder__unit", "post")
    duty = open_duties.select_for_update(no_key=True, of=("self",)).first()
    if duty is not None:
        duty.report = report
    return report, duty


def rung_of(report: Report, level: int) -> Rung:
    """Raises LookupError where the ladder has no such level."""
    return {rung.level: rung for rung in frozen(report)}[level]


def build(
    *, report: Report, found: Found, why: Why, seq: int, at: datetime, act_due_at: datetime | None = None, rung: Rung | None = None
) -> Duty:
    """A duty that begins at `at`, unsaved. `act_due_at`: the deadline that a pass keeps, for a pass never buys time.

    `rung`: the level's, where the caller has read the ladder already.
    """
    open_due_at, fresh = (rung or rung_of(report, found.level)).deadlines(at, found.follower)
    act_due_at = act_due_at or fresh
    open_due_at = min(open_due_at, act_due_at)
    values = {
        **_blank(),
        "report_id": report.pk,
        "seq": seq,
        "level": found.level,
        "holder_id": found.person and found.person.pk,
        "post_id": found.post and found.post.pk,
        "why": why,
        "skipped": found.why_skipped,
        "from_at": at,
        "open_due_at": open_due_at,
        "act_due_at": act_due_at,
        "next_due_at": open_due_at,
    }
    return made(Duty, values, {"report": report, "holder": found.person, "post": found.post})


@lru_cache(maxsize=1)
def _blank() -> dict[str, Any]:
    """What a new duty says where nothing is given: a sweep builds thousands."""
    return {field.attname: field.get_default() for field in Duty._meta.concrete_fields}


def begin(*, report: Report, found: Found, why: Why, seq: int, at: datetime, act_due_at: datetime | None = None) -> Duty:
    """Insert the duty and return it; the caller appends `passed_fact(duty)` and puts `notice_for(duty)` in the same transaction."""
    duty = build(report=report, found=found, why=why, seq=seq, at=at, act_due_at=act_due_at)
    insert_duties([duty])
    return duty


def begin_at_top(*, report: Report, why: Why, seq: int, at: datetime) -> Duty:
    """As `begin`, with professional standards at the top, for which no ladder is climbed. Raises ladder.NoPolicy, see `ladder.top`."""
    rung = top(report)
    duty = build(report=report, found=at_the_desk(rung), why=why, seq=seq, at=at, rung=rung)
    insert_duties([duty])
    return duty


def begin_above(*, report: Report, level: int, why: Why, seq: int, at: datetime) -> Duty:
    """As `begin`, with the first above `level` who may hold it. Raises ladder.BrokenLadder."""
    with climbing(report):
        found = next_holder(report=report, after_level=level, excluded=excluded_from(report), at=at)
        return begin(report=report, found=found, why=why, seq=seq, at=at)


def hand_on(duty: Duty, *, state: DutyState, why: Why, at: datetime) -> Duty:
    """End an open duty in `state`, because its holder must not have it any more, and begin the next; as `begin`, with fresh deadlines.

    The next holder is at the same level or above. Whoever must not be is excluded before. Raises ladder.BrokenLadder.
    """
    duty.state, duty.ended_at, duty.next_due_at = state, at, None
    duty.save(update_fields=["state", "ended_at", "next_due_at"])
    return begin_above(report=duty.report, level=duty.level - 1, why=why, seq=duty.seq + 1, at=at)


def holder_key(duty: Duty) -> str:
    """The holder as facts spell it: `person:<uuid>` or `post:<code>`."""
    return f"post:{duty.post.code}" if duty.post else f"person:{duty.holder_id}"


def holder_name(duty: Duty) -> str:
    """The holder inside a sentence."""
    return duty.holder.name_and_unit if duty.holder else duty.desk.in_words


def holder_first(duty: Duty) -> str:
    """The holder as a sentence begins."""
    return capfirst(holder_name(duty))


def with_standards(duty: Duty) -> bool:
    """Whether the professional standards desk holds it, so that nobody can refer it to them any more."""
    return duty.post is not None and duty.post.code == DESK


def passed_fact(duty: Duty, *, actor: str, sealed: Mapping[str, str] | None = None) -> Entry:
    """`duty.passed`: who holds the duty from when, by when, why, and who was passed over."""
    facts: dict[str, Json] = {
        "duty": duty.pk,
        "seq": duty.seq,
        "level": duty.level,
        "holder": holder_key(duty),
        "why": str(duty.why),
        "from_at": iso(duty.from_at),
        "open_due_at": iso(duty.open_due_at),
        "act_due_at": iso(duty.act_due_at),
        "skipped": [public(one) for one in duty.skipped],
    }
    return Entry(kind="duty.passed", subject=duty.report.subject, actor=actor, facts=facts, sealed=sealed or {})


def public(skipped: dict[str, Any]) -> dict[str, Any]:
    """Facts can't be erased and an exclusion may be an accusation, so they keep that somebody was excluded and not who."""
    return {"why": "excluded"} if skipped["why"] == "excluded" else skipped


def excluded_from(report: Report) -> set[uuid.UUID]:
    return {report.reporter_id, *report.exclusions.values_list("person_id", flat=True)}

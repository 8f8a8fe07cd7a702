"""The duty to act: how one begins, who is told, and the locks every change of it takes.

Lock order, for whatever changes a report or its duty: the Report row, then its open Duty row (both `FOR NO KEY UPDATE`, so that a new row
that points at them never waits), then the report's chain (`record.append`), then the chain of who looked at it. The time is read from the
database after the locks. The sweep takes the same two rows with `SKIP LOCKED`: it waits for nobody, and a report in use is looked at again
a second later.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import lru_cache
from typing import Any

from portal.notices.outbox import Notice
from portal.people import rota
from portal.people.models import Person, Post
from portal.postgres.making import made
from portal.receipts import telling
from portal.record.appending import Entry
from portal.record.canonical import Json, iso
from portal.ui import words
from reporting.choices import Why
from reporting.escalation.inserting import insert_duties
from reporting.escalation.ladder import Rung, frozen
from reporting.escalation.routing import Found
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
    return next(rung for rung in frozen(report) if rung.level == level)


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


def holder_key(duty: Duty) -> str:
    """The holder as facts spell it: `person:<uuid>` or `post:<code>`."""
    return f"post:{duty.post.code}" if duty.post else f"person:{duty.holder_id}"


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


def notice_for(duty: Duty, *, excluded: AbstractSet[uuid.UUID] | None = None) -> list[Notice]:
    """Notices that tell the holder, or every member of the post who may know, and where somebody is at risk who is next.

    `excluded` saves reading the exclusions again.
    """
    from reporting.escalation import next_in_line

    if duty.holder is not None:
        return [notice_to_holder(duty, duty.holder), *next_in_line.notices([duty])]
    hidden = excluded if excluded is not None else excluded_from(duty.report)
    return notices_to_post(duty, staff_of(duty.post), hidden)


def notice_to_holder(duty: Duty, holder: Person) -> Notice:
    """For many duties at once: whoever uses it puts `next_in_line.notices` of all of them as well."""
    return _notice(duty, holder, f"duty:{duty.pk}")


def notices_to_post(
    duty: Duty, staff: Sequence[Person], excluded: AbstractSet[uuid.UUID], administrators: Sequence[Person] | None = None
) -> list[Notice]:
    """To those on duty at the post who may know; where nobody there may, to administrators, who learn nothing of the report.

    `administrators`: as `unstaffed.administrators` gives them, for many duties at once.
    """
    from reporting.escalation import unstaffed

    told = on_duty(duty.post, staff, excluded, duty.from_at)
    if not any(person.pk not in excluded for person in staff):
        return unstaffed.alerts(duty, excluded, administrators)
    return [_notice(duty, person, f"duty:{duty.pk}:{person.pk}") for person in told]


def staff_of(post: Post | None) -> list[Person]:
    """Everyone at a post: each may open what it holds, and act. Who of them is told of it is for `on_duty`."""
    return list(post.members.filter(is_active=True).order_by("pk")) if post else []


def on_duty(post: Post | None, staff: Sequence[Person], excluded: AbstractSet[uuid.UUID], at: datetime) -> list[Person]:
    """Who of a post's `staff` is told at `at`: those on its rota then who may know, or where there is none of them, all who may.

    That the rota has nobody is told by `people.rota_watch`, by the hour and never for a report: an alert that came with a report whose
    excluded member is on duty would tell of the exclusion.
    """
    free = [person for person in staff if person.pk not in excluded]
    now_there = rota.on_duty(post.pk, at) if post else frozenset[uuid.UUID]()
    return [person for person in free if person.pk in now_there] or free


def excluded_from(report: Report) -> set[uuid.UUID]:
    return {report.reporter_id, *report.exclusions.values_list("person_id", flat=True)}


def told_reporter(report: Report, *, kind: str, dedupe: str, subject: str, body: str) -> Notice:
    """A notice to the reporter about their own report."""
    return Notice(to=report.reporter, kind=kind, subject=subject, body=body, link=f"/reports/{report.reference}/", dedupe=dedupe)


def told_reporter_of_pass(duty: Duty) -> Notice:
    """The reporter is told who holds the duty now, and why."""
    reference, because = duty.report.reference, Why(duty.why).label
    return told_reporter(
        duty.report,
        kind="report.passed",
        dedupe=f"report-passed:{duty.pk}",
        subject=f"The duty to act on your report {reference} has passed on",
        body=(
            f"{holder_name(duty)} holds the duty to act on your report {reference} since {_said(duty.from_at)}, because {because}. "
            f"{telling.where()}"
        ),
    )


def holder_name(duty: Duty) -> str:
    return duty.holder.name_and_unit if duty.holder else str(duty.post)


def _notice(duty: Duty, person: Person, dedupe: str) -> Notice:
    reference = duty.report.reference
    holder = f"{duty.post.name} holds" if duty.post else "You hold"
    return Notice(
        to=person,
        kind="duty.passed",
        subject=f"{holder} the duty to act on report {reference}",
        body=(
            f"{holder} the duty to act on report {reference} since {_said(duty.from_at)}. "
            f"Open it by {_said(duty.open_due_at)} and record what you did by {_said(duty.act_due_at)}. {telling.where()}"
        ),
        link=f"/duties/{reference}/",
        dedupe=dedupe,
    )


def _said(at: datetime) -> str:
    return _said_this_minute(at, int(time.time()) // 60)


@lru_cache(maxsize=64)
def _said_this_minute(at: datetime, _minute: int) -> str:
    """A sweep tells thousands of holders the same few times."""
    return words.moment(at)

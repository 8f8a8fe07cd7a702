"""Next in line: where somebody is at risk now, whoever would hold the duty next is told together with its holder, at every level.

They do not hold it and may not read the report. Their notice says who does and how to reach them, and its page whether it was opened:
what they can do is to see to it that the holder looks. Who is next is looked up at that moment, as it will be when the duty moves. The
post at the top has nobody next.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from portal.notices.outbox import Notice
from portal.people.models import Person, Post
from portal.record.appending import append, process_actor
from portal.record.canonical import iso
from portal.record.models import Fact
from portal.ui import words
from reporting import duty as duties
from reporting import staffing
from reporting.escalation import routing
from reporting.escalation.ladder import BrokenLadder, climbing, frozen
from reporting.escalation.routing import Directory, Found
from reporting.models import Duty, Report

KIND, PREFIX = "duty.next_told", "next"


def notices(begun: Sequence[Duty]) -> list[Notice]:
    """Notices for whoever is next after these duties, which began in this transaction, where somebody is at risk. Reads in sets."""
    urgent = [duty for duty in begun if duty.holder is not None and duty.report.at_risk_now]
    if not urgent:
        return []
    directory = Directory.read({duty.report.reporter_id for duty in urgent}, max(duty.from_at for duty in urgent))
    reports = [duty.report_id for duty in urgent]
    excluded, held = routing.excluded_from(reports), routing.holders_of(reports)
    staff = dict[int, list[Person]]()
    told = list[Notice]()
    for duty in urgent:
        found = _next(directory, duty, excluded[duty.report_id], held[duty.report_id])
        if found is None:
            continue
        if found.post is not None and found.post.pk not in staff:
            staff[found.post.pk] = staffing.staff_of(found.post)
        people = staff[found.post.pk] if found.post else [found.person] if found.person else []
        told += _notices(duty, found, people, excluded[duty.report_id])
    return told


def told(dedupe: str, at: datetime) -> None:
    """Keep that somebody who is next was told, once, by however many channels. `dedupe`: see `_key`. Called by the delivery of notices, in
    its transaction."""
    _, key, person, *desk = dedupe.split(":")
    whom = f"post:{desk[0]}" if len(desk) == 1 else f"person:{person}"
    duty = Duty.objects.select_related("report").select_for_update(no_key=True, of=("self",)).get(pk=key)
    if any(fact.data["duty"] == duty.pk for fact in _tellings(whom, duty.report)):
        return
    append(
        kind=KIND,
        subject=duty.report.subject,
        actor=process_actor("notices"),
        facts={"duty": duty.pk, "level": duty.level, "told": whom, "told_at": iso(at)},
    )


def was_told(person: Person, report: Report) -> bool:
    """Whether this person, or a post they staff, was ever told that they are next for this report."""
    posts = [f"post:{code}" for code in person.posts.values_list("code", flat=True)]
    return any(_tellings(whom, report).exists() for whom in (f"person:{person.pk}", *posts))


def _key(duty: Duty, person: Person, post: Post | None) -> str:
    """`next:<duty>:<person>`; for a desk `next:<duty>:<person>:at:<post>`, and `next:<duty>:<person>:<post>` where the reporter's name is
    kept back.

    Of such a report the record says that the desk was told: who of it was not, and is not excluded, sent it.
    """
    key = f"{PREFIX}:{duty.pk}:{person.pk}"
    if post is None:
        return key
    return f"{key}:{post.code}" if duty.report.confidential else f"{key}:at:{post.code}"


def _tellings(whom: str, report: Report) -> QuerySet[Fact]:
    return Fact.objects.for_subject(report.subject).of_kind(KIND).filter(facts__contains=f'"told":"{whom}"')


def _next(directory: Directory, duty: Duty, excluded: set[uuid.UUID], held: set[uuid.UUID]) -> Found | None:
    """None where the ladder cannot be climbed, so that nobody is next."""
    out = held | ({duty.holder_id} if duty.holder_id else set())
    try:
        with climbing(duty.report):
            rungs = routing.above(frozen(duty.report), duty.level)
            return routing.climb(directory, reporter_id=duty.report.reporter_id, rungs=rungs, excluded=excluded, held=out)
    except BrokenLadder:
        return None


def _notices(duty: Duty, found: Found, people: Sequence[Person], excluded: set[uuid.UUID]) -> list[Notice]:
    to = "you" if found.person else f"your desk, {found.post}"
    hidden = excluded | {duty.report.reporter_id, *([duty.holder_id] if duty.holder_id else [])}
    free = [person for person in people if person.pk not in hidden]
    told = staffing.on_duty(found.post, free, frozenset(), duty.from_at, confidential=duty.report.confidential) if found.post else free
    return [_notice(duty, person, to, _key(duty, person, found.post)) for person in told]


def _notice(duty: Duty, person: Person, to: str, dedupe: str) -> Notice:
    reference, holder = duty.report.reference, duties.holder_first(duty)
    reach = f" at {duty.holder.email}" if duty.holder else ""
    return Notice(
        to=person,
        kind=KIND,
        subject=f"Somebody may be at risk: see that report {reference} is opened",
        body=(
            f"{holder} holds the duty to act on report {reference} since {words.moment(duty.from_at)}. You do not hold it. "
            f"Make sure now that they have seen it: reach them{reach}. If they don't open it by {words.moment(duty.open_due_at)} "
            f"or act by {words.moment(duty.act_due_at)}, it passes to {to}."
        ),
        link=f"/duties/{reference}/next/",
        dedupe=dedupe,
    )

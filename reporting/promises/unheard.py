"""A promise that passed and the reporter did not hear: what the record says of it, and who is told."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from portal.notices.outbox import Notice
from portal.people.models import Person, Post
from portal.receipts import telling
from portal.record.appending import Entry, process_actor
from portal.record.canonical import Json, iso
from portal.ui import words
from reporting import duty as duties
from reporting import notifying, staffing
from reporting.desk.doors import Doors, doors
from reporting.escalation import routing
from reporting.models import Duty, Promise, Report

CLOCK = process_actor("clock")


@dataclass(frozen=True, slots=True)
class Unheard:
    """A missed promise, when that fired, the duty as it stood then, and the promise that follows where nobody wrote in that moment."""

    promise: Promise
    fired_at: datetime
    duty: Duty | None
    following: Promise | None

    @property
    def report(self) -> Report:
        return self.promise.report


def missed_fact(one: Unheard) -> Entry:
    """`promise.missed`: when the reporter was to hear, when that was noticed, who held the duty, and by when they hear instead."""
    promise = one.promise
    facts: dict[str, Json] = {"promise": promise.seq, "due_at": iso(promise.due_at), "fired_at": iso(one.fired_at)}
    if one.duty is not None:
        facts |= {"duty": one.duty.pk, "level": one.duty.level, "holder": duties.holder_key(one.duty)}
    if one.following is not None:
        facts["hear_by"] = iso(one.following.due_at)
    return Entry(kind="promise.missed", subject=one.report.subject, actor=CLOCK, facts=facts)


def notices(missed: Sequence[Unheard]) -> list[Notice]:
    """The reporter, whoever holds the duty, and who is on duty at the desk at the top are told; nobody excluded is. Few reads for all."""
    if not missed:
        return []
    desks = {post.code: post for post in Post.objects.filter(code__in={routing.desk_code(one.report) for one in missed})}
    staff = {code: staffing.staff_of(post) for code, post in desks.items()}
    hidden = routing.excluded_from([one.report.pk for one in missed])
    able = doors([one.report for one in missed], [person for members in staff.values() for person in members])
    told = list[Notice]()
    for one in missed:
        code, out = routing.desk_code(one.report), hidden[one.report.pk]
        there = staffing.on_duty(desks.get(code), staff.get(code, []), out, one.fired_at, confidential=one.report.confidential)
        told += _told(one, there, out, able)
    return told


def _told(one: Unheard, desk: Sequence[Person], hidden: AbstractSet[uuid.UUID], able: Doors) -> list[Notice]:
    holder = one.duty.holder if one.duty else None
    at_desk = one.duty is not None and one.duty.post_id is not None
    told = {person.pk: _to_others(one, person, able.link(person, one.report, with_post=at_desk), theirs=at_desk) for person in desk}
    if holder is not None and holder.is_active:
        told[holder.pk] = _to_others(one, holder, f"/duties/{one.report.reference}/", theirs=True)
    return [_to_reporter(one), *(notice for key, notice in told.items() if key not in hidden and key != one.report.reporter_id)]


def _to_reporter(one: Unheard) -> Notice:
    reference, due = one.report.reference, words.moment(one.promise.due_at)
    then = f"You will hear by {words.moment(one.following.due_at)}. " if one.following else ""
    return notifying.told_reporter(
        one.report,
        kind="promise.missed",
        dedupe=f"unheard:{one.promise.pk}",
        subject=f"You were to hear about your report {reference}",
        body=f"You were to hear by {due}, and nobody wrote to you. That is on the record. {then}{telling.where()}",
    )


def _to_others(one: Unheard, person: Person, link: str, *, theirs: bool) -> Notice:
    """`theirs`: the duty is, and so is a receipt of this."""
    reference, proof = one.report.reference, f" {telling.where()}" if theirs else ""
    return Notice(
        to=person,
        kind="promise.missed",
        subject=f"The reporter of {reference} did not hear in time",
        body=(
            f"They were to hear about report {reference} by {words.moment(one.promise.due_at)}, and nobody wrote to them. "
            f"Whoever holds the duty can tell them how it goes, on its page.{proof}"
        ),
        link=link,
        dedupe=f"unheard:{one.promise.pk}:{person.pk}",
    )

"""Deadlines that pass: each is kept as a lapse, once, with the time it was due and the time it fired, and the duty goes up the ladder.

A holder who misses a deadline loses the duty at the first one: what would have come after it is not held against them, however long
the clock was away. The post at the top loses nothing: both of its lapses are kept and the duty stays, overdue. The next holder's
deadlines run from when the duty passed to them, not from when it was due (docs/decisions/0010).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.postgres.base import rows
from portal.postgres.making import made
from portal.receipts import telling
from portal.record import standing
from portal.record.appending import Entry, append_unread, now, process_actor
from portal.record.canonical import iso
from reporting import duty as duties
from reporting import hearing, notifying, staffing
from reporting.choices import Deadline, DutyState, Why
from reporting.escalation import next_in_line, routing, unstaffed
from reporting.escalation.due import claim
from reporting.escalation.inserting import insert_duties, insert_lapses
from reporting.escalation.ladder import Rung, frozen
from reporting.escalation.leaving_alone import ALONE, ONE_OF_MANY, LeftAlone
from reporting.models import Duty, Lapse, Report

log = logging.getLogger(__name__)
CLOCK = process_actor("clock")
LET_GO = "UPDATE reporting_duty SET state = 'lapsed', ended_at = %s, next_due_at = NULL WHERE id = ANY(%b::bigint[]) RETURNING 1"
WHY = {Deadline.OPEN: Why.OPEN_MISSED, Deadline.ACT: Why.ACT_MISSED}

_stuck = LeftAlone()


@dataclass(frozen=True, slots=True)
class Fired:
    """A duty whose deadlines passed: its lapses, and the duty that follows it, or None where it stays with the post."""

    duty: Duty
    lapses: list[Lapse]
    following: Duty | None


def fire_due(*, most: int = 1_000) -> int:
    """Fire the deadlines of up to `most` duties that are due by the database's clock; return how many duties were due.

    One that cannot be passed on is left alone for a minute, so that a thousand of them at the front stop nobody behind.
    """
    return _fire(most)


def fire_shown(references: Collection[str]) -> int:
    """Fire what is due of the reports on a page that somebody opens, so that no page shows a holder who has lost the duty.

    The verb of the sweep, whoever runs it (docs/decisions/0020). While the portal is read-only nothing fires.
    """
    try:
        return _fire(len(references), references)
    except standing.RecordReadOnly:
        return 0


def fire_before(reports: QuerySet[Report]) -> None:
    """Before the transaction of a verb that may refuse: what is due of these reports fires in one of its own, so that no refusal undoes
    it. The verb lets fire again what comes due in between, and loses that alone where it refuses: the sweep finds it."""
    due = Duty.objects.filter(report=OuterRef("pk"), next_due_at__lte=Now())
    if late := list(reports.filter(Exists(due)).values_list("reference", flat=True)):
        fire_shown(late)


def _fire(most: int, of: Collection[str] | None = None) -> int:
    with transaction.atomic():
        at = now()
        claimed = claim(at, most, but=_stuck.keys(), of=of)
        if claimed:
            fire_each(claimed, at=at)
        return len(claimed)


def fire(claimed: Sequence[Duty], *, at: datetime) -> list[Fired]:
    """Fire what is due at `at` of duties that the caller has locked with their reports. Statements are few and for the whole batch."""
    missed = {duty.pk: lapses for duty in claimed if (lapses := missed_deadlines(duty, at))}
    losing = [duty for duty in claimed if duty.pk in missed and duty.post_id is None]
    insert_lapses([lapse for lapses in missed.values() for lapse in lapses])
    _let_go(losing, at)
    _keep_at_post([duty for duty in claimed if duty.pk in missed and duty.post_id is not None], at)
    following = _following(losing, missed, at)
    insert_duties(following)
    after = {new.report_id: new for new in following}
    fired = [Fired(duty, missed[duty.pk], after.get(duty.report_id)) for duty in claimed if duty.pk in missed]
    append_unread([fact for one in fired for fact in _facts(one)])
    put_all(_notices(fired))
    return fired


def fire_each(claimed: Sequence[Duty], *, at: datetime) -> list[Fired]:
    """As `fire`; if one report of the batch cannot be routed, the others must not wait for it: one by one, that one is left alone."""
    try:
        with transaction.atomic():
            return fire(claimed, at=at)
    except ONE_OF_MANY:
        for duty in claimed:
            _as_it_stands(duty)
        return [one for duty in claimed for one in _fire_alone(duty, at)]


def fire_first(duty: Duty, *, at: datetime) -> Duty:
    """For a verb that has locked this duty with its report: what is due fires before anything else. Return the report's open duty as it
    is then. What cannot be passed on is left alone, as the sweep leaves it, and the verb goes on with the duty as it stands."""
    if not missed_deadlines(duty, at) or not _fire_alone(duty, at):
        return duty
    return Duty.objects.filter(report=duty.report_id).open().select_related("report", "holder__unit", "post").get()


def missed_deadlines(duty: Duty, at: datetime) -> list[Lapse]:
    """Lapses to keep for a duty at `at`: one where its holder loses it, up to two where it stays with the post."""
    if duty.next_due_at is None or duty.next_due_at > at:
        return []
    watching_open = duty.state == DutyState.SENT and duty.next_due_at == duty.open_due_at
    missed = [_lapse(duty, Deadline.OPEN, duty.open_due_at, at)] if watching_open else []
    if not missed or (duty.post_id is not None and duty.act_due_at <= at):
        missed.append(_lapse(duty, Deadline.ACT, duty.act_due_at, at))
    return missed


def _lapse(duty: Duty, deadline: Deadline, due_at: datetime, fired_at: datetime) -> Lapse:
    return made(Lapse, {"duty_id": duty.pk, "deadline": deadline, "due_at": due_at, "fired_at": fired_at}, {"duty": duty})


def _fire_alone(duty: Duty, at: datetime) -> list[Fired]:
    try:
        with transaction.atomic():
            return fire([duty], at=at)
    except ALONE:
        log.exception("duty %s is due and could not be passed on", duty.pk)
        _stuck.leave(duty.pk)
        _as_it_stands(duty)
        return []


def _as_it_stands(duty: Duty) -> None:
    """What failed had changed the object."""
    duty.refresh_from_db(fields=["state", "ended_at", "next_due_at"])


def _let_go(losing: Sequence[Duty], at: datetime) -> None:
    rows(LET_GO, [at, [duty.pk for duty in losing]])
    for duty in losing:
        duty.state, duty.ended_at, duty.next_due_at = DutyState.LAPSED, at, None


def _keep_at_post(staying: Sequence[Duty], at: datetime) -> None:
    """The post watches its deadline to act after it missed the one to open, and nothing after that."""
    done = [duty for duty in staying if duty.act_due_at <= at]
    still = [duty for duty in staying if duty.act_due_at > at]
    if done:
        Duty.objects.filter(pk__in=[duty.pk for duty in done]).update(next_due_at=None)
    if still:
        Duty.objects.filter(pk__in=[duty.pk for duty in still]).update(next_due_at=F("act_due_at"))
    for duty in staying:
        duty.next_due_at = duty.act_due_at if duty.act_due_at > at else None


def _following(losing: Sequence[Duty], missed: dict[int, list[Lapse]], at: datetime) -> list[Duty]:
    """The duties that come after those lost, found with a handful of reads for all of them."""
    reports = [duty.report_id for duty in losing]
    directory = routing.Directory.read({duty.report.reporter_id for duty in losing}, at)
    excluded, held, ladders = routing.excluded_from(reports), routing.holders_of(reports), Ladders()
    new = []
    for duty in losing:
        ladder = ladders.of(duty.report)
        found = routing.climb(
            directory,
            reporter_id=duty.report.reporter_id,
            rungs=routing.above(ladder, duty.level),
            excluded=excluded[duty.report_id],
            held=held[duty.report_id],
        )
        rung = next(rung for rung in ladder if rung.level == found.level)
        why = WHY[Deadline(missed[duty.pk][0].deadline)]
        new.append(duties.build(report=duty.report, found=found, why=why, seq=duty.seq + 1, at=at, rung=rung))
    return new


class Ladders:
    """Frozen ladders, each read once: reports that were claimed together share the object they keep it in."""

    def __init__(self) -> None:
        self._read: dict[int, list[Rung]] = {}

    def of(self, report: Report) -> list[Rung]:
        key = id(report.ladder)
        if key not in self._read:
            self._read[key] = frozen(report)
        return self._read[key]


def _facts(fired: Fired) -> list[Entry]:
    told = [
        Entry(
            kind="deadline.missed",
            subject=fired.duty.report.subject,
            actor=CLOCK,
            facts={
                "duty": fired.duty.pk,
                "level": fired.duty.level,
                "holder": duties.holder_key(fired.duty),
                "deadline": str(lapse.deadline),
                "due_at": iso(lapse.due_at),
                "fired_at": iso(lapse.fired_at),
            },
        )
        for lapse in fired.lapses
    ]
    return [*told, duties.passed_fact(fired.following, actor=CLOCK)] if fired.following else told


def _notices(fired: Sequence[Fired]) -> list[Notice]:
    """The next holders and the reporters are told; at the post its members and the reporter are, each time one passes."""
    posts = {duty.post_id: duty.post for one in fired for duty in (one.duty, one.following) if duty and duty.post}
    staff = {key: staffing.staff_of(post) for key, post in posts.items()}
    at_posts = [one.duty.report_id for one in fired if (one.following or one.duty).post_id is not None]
    hidden, begun = routing.excluded_from(at_posts), [one.following for one in fired if one.following]
    administrators = unstaffed.administrators() if at_posts else []
    return [notice for one in fired for notice in _told(one, staff, hidden[one.duty.report_id], administrators)] + next_in_line.notices(
        begun
    )


def _told(one: Fired, staff: dict[int | None, list[Person]], hidden: set[uuid.UUID], administrators: list[Person]) -> list[Notice]:
    if one.following is None:
        confidential, at = one.duty.report.confidential, one.lapses[0].fired_at
        members = staffing.on_duty(one.duty.post, staff[one.duty.post_id], hidden, at, confidential=confidential)
        return [*_told_at_post(one, members), *(hearing.told_of_lapse(one.duty, lapse) for lapse in one.lapses)]
    new = one.following
    holders = (
        [notifying.notice_to_holder(new, new.holder)]
        if new.holder
        else notifying.notices_to_post(new, staff[new.post_id], hidden, administrators)
    )
    return [*holders, *_told_who_missed(one), notifying.told_reporter_of_pass(new)]


def _told_who_missed(one: Fired) -> list[Notice]:
    """Whoever lost the duty, unless they left: the lapse is theirs, and so is its receipt."""
    holder, reference = one.duty.holder, one.duty.report.reference
    if holder is None or not holder.is_active:
        return []
    (lapse,) = one.lapses
    return [
        Notice(
            to=holder,
            kind="deadline.missed",
            subject=f"The duty to act on report {reference} has passed on from you",
            body=f"Its deadline to {lapse.deadline} was missed. {telling.where()}",
            link="/duties/",
            dedupe=f"missed:{one.duty.pk}:{lapse.deadline}:{holder.pk}",
        )
    ]


def _told_at_post(one: Fired, members: Sequence[Person]) -> list[Notice]:
    reference = one.duty.report.reference
    return [
        Notice(
            to=person,
            kind="deadline.missed",
            subject=f"Deadline to {lapse.deadline} missed on report {reference}",
            body=(
                f"{duties.holder_first(one.duty)} holds the duty to act on report {reference} and missed its deadline to {lapse.deadline}. "
                f"It stays here. {telling.where()}"
            ),
            link=f"/duties/{reference}/",
            dedupe=f"missed:{one.duty.pk}:{lapse.deadline}:{person.pk}",
        )
        for lapse in one.lapses
        for person in members
    ]

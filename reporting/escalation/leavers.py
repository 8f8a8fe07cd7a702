"""Leavers, and holders who change units: their open duties move at once, in the transaction that says that they went.

Who left can't hold a duty. Who was transferred keeps those of reporters who still stand under them, and gives up every other: the new unit
has taken them away from it. A deadline that passed before they went is theirs and fires first. The deadline to act stays where it was, so
that moving people never buys time, but the next holder has at least the time that their level gives to open (docs/decisions/0018).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.people.moving import Departure
from portal.record.appending import append_unread, now, process_actor
from reporting import duty as duties
from reporting import notifying, staffing
from reporting.choices import DutyState, Why
from reporting.escalation import lapsing, next_in_line, routing
from reporting.escalation.inserting import insert_duties
from reporting.escalation.ladder import frozen
from reporting.escalation.leaving_alone import ONE_OF_MANY
from reporting.models import Duty, Report

DIRECTORY = process_actor("directory")  # an administrator is not named on a report's chain: they may be excluded from it, or its reporter
WHY = {Departure.LEFT: Why.LEFT, Departure.TRANSFERRED: Why.TRANSFERRED}
AT_ONCE = 500
log = logging.getLogger(__name__)


def move_duties(people: AbstractSet[uuid.UUID], why: Departure) -> int:
    """Pass on the open duties of `people`, who left or were transferred; return how many passed on. Statements are few, however many."""
    held = _lock(people)
    at = now()
    due = [duty for duty in held if duty.next_due_at is not None and duty.next_due_at <= at]
    fired = {one.duty.pk for one in lapsing.fire_each(due, at=at)} if due else set()
    directory = routing.Directory.read({duty.report.reporter_id for duty in held}, at)
    going = [duty for duty in held if duty.pk not in fired and not (why == Departure.TRANSFERRED and _stands_above(directory, duty))]
    return len(fired) + (_move_each(going, directory, why, at) if going else 0)


def move_left_behind() -> int:
    """Pass on duties that reached somebody in the moment in which they left; return how many passed on."""
    left = Person.objects.filter(Exists(Duty.objects.open().filter(holder=OuterRef("pk"))), is_active=False)
    with transaction.atomic():
        return move_duties(set(left.values_list("pk", flat=True)[:AT_ONCE]), Departure.LEFT)


def _lock(people: AbstractSet[uuid.UUID]) -> list[Duty]:
    """The reports, then their duties, as `duty.lock` does for one."""
    held = Duty.objects.open().filter(holder__in=people)
    reports = Report.objects.filter(pk__in=held.values("report")).order_by("pk").select_for_update(no_key=True)
    locked = list(reports.values_list("pk", flat=True))
    open_now = held.filter(report__in=locked).select_related("report__reporter", "holder", "post").order_by("report_id")
    return list(open_now.select_for_update(no_key=True, of=("self",)))


def _stands_above(directory: routing.Directory, duty: Duty) -> bool:
    return any(manager.pk == duty.holder_id for manager in directory.lines[duty.report.reporter_id])


def _move_each(going: Sequence[Duty], directory: routing.Directory, why: Departure, at: datetime) -> int:
    """Move all of them; one that cannot be passed on keeps nobody in the force, and no other duty: `move_left_behind` tries it again."""
    try:
        with transaction.atomic():
            _move(going, directory, why, at)
    except ONE_OF_MANY:
        if len(going) > 1:
            return sum(_move_each([duty], directory, why, at) for duty in going)
        log.exception("duty %s could not be passed on from whoever went", going[0].pk)
        return 0
    return len(going)


def _move(going: Sequence[Duty], directory: routing.Directory, why: Departure, at: datetime) -> None:
    reports = [duty.report_id for duty in going]
    excluded, held = routing.excluded_from(reports), routing.holders_of(reports)
    following = [_following(duty, directory, excluded[duty.report_id], held[duty.report_id], why, at) for duty in going]
    Duty.objects.filter(pk__in=[duty.pk for duty in going]).update(state=DutyState.PASSED, ended_at=at, next_due_at=None)
    insert_duties(following)
    append_unread([duties.passed_fact(new, actor=DIRECTORY) for new in following])
    staff = {new.post_id: staffing.staff_of(new.post) for new in {one.post_id: one for one in following}.values()}
    told = [notice for old, new in zip(going, following, strict=True) for notice in _told(old, new, staff, excluded[new.report_id])]
    put_all([*told, *next_in_line.notices(following)])


def _following(
    duty: Duty, directory: routing.Directory, excluded: set[uuid.UUID], held: set[uuid.UUID], why: Departure, at: datetime
) -> Duty:
    """The duty that comes next, at the same level or above."""
    rungs = routing.above(frozen(duty.report), duty.level - 1)
    found = routing.climb(directory, reporter_id=duty.report.reporter_id, rungs=rungs, excluded=excluded, held=held)
    new = duties.build(report=duty.report, found=found, why=WHY[why], seq=duty.seq + 1, at=at)
    new.act_due_at = min(new.act_due_at, max(duty.act_due_at, new.open_due_at))
    return new


def _told(old: Duty, new: Duty, staff: dict[int | None, list[Person]], excluded: set[uuid.UUID]) -> list[Notice]:
    """The next holder, the reporter, and who lost it where they are still here."""
    holders = [notifying.notice_to_holder(new, new.holder)] if new.holder else notifying.notices_to_post(new, staff[new.post_id], excluded)
    lost = [_told_who_moved(old, old.holder)] if old.holder and old.holder.is_active else []
    return [*holders, notifying.told_reporter_of_pass(new), *lost]


def _told_who_moved(old: Duty, holder: Person) -> Notice:
    reference = old.report.reference
    return Notice(
        to=holder,
        kind="duty.moved",
        subject=f"The duty to act on report {reference} has passed on from you",
        body=(
            f"You moved to another unit, so you no longer hold the duty to act on report {reference}. "
            "The statement of duty on its page proves until when you held it."
        ),
        link=f"/duties/{reference}/",
        dedupe=f"moved:{old.pk}:{holder.pk}",
    )

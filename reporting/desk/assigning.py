"""Assign: who of a post's members works on a duty that the post holds. The post remains the holder, and its deadlines stay.

Any member who may know of the report assigns it, to themselves or another. Where the reporter's name is kept back they assign it to
themselves alone, because who is left out of a list would tell who sent it. Facts about it stand on the chain of who looked: neither the
reporter nor an earlier holder is told which member it is. An assignment counts while that member is active, staffs the post and is not
excluded; otherwise the duty is unassigned again, without anybody having to say so.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, PostMember
from portal.record.appending import append, person_actor
from reporting import duty as duties
from reporting import holding
from reporting.holding import NotHolding, Turn
from reporting.models import Assignment, Duty, Exclusion


class CannotAssign(Exception):
    """The duty is nobody's to assign, or not to that person; the text says why."""


def assign(*, person: Person, report_id: uuid.UUID, to: uuid.UUID) -> Person:
    """Give the post's duty to one of its members, who is told unless it is `person`. Assigning it to the same again changes nothing.

    Raises holding.NotYours, holding.NotHolding and CannotAssign.
    """
    holding.fire_before(person, report_id)
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        member = _assign(turn, to) if turn.is_theirs else None
    if member is None:
        raise NotHolding(holding.gone(turn))
    return member


def unassign(*, person: Person, report_id: uuid.UUID) -> None:
    """Leave the duty with the post alone. Raises holding.NotYours and holding.NotHolding."""
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        if turn.is_theirs:
            release(turn)
    turn.must_be_theirs()


def release(turn: Turn, only: Person | None = None) -> None:
    """End the duty's assignment, or only that to one person, in the caller's transaction."""
    given = Assignment.objects.filter(duty=turn.held).select_related("person").first()
    if given is None or only not in (None, given.person):
        return
    given.delete()
    append(
        kind="duty.unassigned",
        subject=turn.report.consultations,
        actor=person_actor(turn.person),
        facts={"duty": turn.held.pk, "from": person_actor(given.person)},
    )


def could_work_on(duty: Duty, asker: Person) -> list[Person]:
    """The members of its post who may know of the report; whoever asks alone where the others would tell who of the post reported it."""
    hidden = duties.excluded_from(duty.report)
    members = duty.post.members.filter(is_active=True).exclude(pk__in=hidden).select_related("unit") if duty.post else ()
    if duty.report.confidential:
        return [member for member in members if member == asker]
    return sorted(members, key=lambda member: (member.last_name, member.first_name, str(member.pk)))


def in_force() -> QuerySet[Assignment]:
    """Assignments that count: to somebody active, of the duty's post, and not excluded."""
    staffs = PostMember.objects.filter(post=OuterRef("duty__post"), person=OuterRef("person"))
    hidden = Exclusion.objects.filter(report=OuterRef("duty__report"), person=OuterRef("person"))
    return Assignment.objects.filter(Exists(staffs), ~Exists(hidden), person__is_active=True)


def members_of(listed: Iterable[Duty]) -> dict[int, Person]:
    """Who works on each of these duties, by the duty's key."""
    found = in_force().filter(duty__in=[duty.pk for duty in listed]).select_related("person__unit")
    return {given.duty_id: given.person for given in found}


def _assign(turn: Turn, to: uuid.UUID) -> Person:
    duty = turn.held
    if duty.post is None:
        raise CannotAssign("You hold this duty yourself. Pass it to somebody else instead.")
    member = next((one for one in could_work_on(duty, turn.person) if one.pk == to), None)
    if member is None:
        raise CannotAssign("That person cannot work on this. Choose somebody else.")
    before = Assignment.objects.filter(duty=duty).first()
    if before is None or before.person_id != member.pk:
        Assignment.objects.update_or_create(duty=duty, defaults={"person": member, "by": turn.person, "at": turn.at})
        append(
            kind="duty.assigned",
            subject=turn.report.consultations,
            actor=person_actor(turn.person),
            facts={"duty": duty.pk, "to": person_actor(member)},
        )
        put_all(_told(turn, member))
    return member


def _told(turn: Turn, member: Person) -> list[Notice]:
    if member.pk == turn.person.pk:
        return []
    reference = turn.report.reference
    return [
        Notice(
            to=member,
            kind="duty.assigned",
            subject=f"Report {reference} was assigned to you",
            body=f"{turn.person.name_and_unit} assigned report {reference} to you. {duties.holder_first(turn.held)} holds the duty to act.",
            link=f"/duties/{reference}/",
            dedupe=f"assigned:{turn.held.pk}:{member.pk}:{turn.at.isoformat()}",
        )
    ]

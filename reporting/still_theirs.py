"""Whether a notice about reports is still its recipient's as it leaves: people leave desks and roles between a notice and its delivery."""

from __future__ import annotations

import re

from django.db.models import Q

from portal.notices.models import Outbox
from portal.people.models import PostMember, Role
from reporting.escalation.next_in_line import KIND as NEXT_TOLD
from reporting.escalation.routing import desk_code
from reporting.escalation.unstaffed import STANDARDS
from reporting.models import Duty, Exclusion, Report

MUST_NOT_KNOW, LEFT_DESK, LEFT_ROLE = "must not know of the report", "no longer at the post", "no longer in that role"
OF_THEIRS = ("duty.moved", "duty.reopened")  # what became of a duty they had, whoever holds it now
TO_A_DESK = ("report.added", "report.answered", "promise.missed")  # its members are told, with the list where they may open no more
NUMBER = re.compile(r"\d+")
OF_A_REPORT = re.compile(r"^/duties/(MR-[0-9A-Z]{4}-[0-9A-Z]{4})/")


def why_not(notice: Outbox, reference: str) -> str:
    """In a few words why its recipient gets it no more; empty where they do. `reference`: of the report it is about, where it says one."""
    if notice.kind == "post.unstaffed":
        instead = notice.link == STANDARDS and notice.to.has_role(Role.PROFESSIONAL_STANDARDS)
        return "" if instead or notice.to.is_superuser or notice.to.has_role(Role.ADMINISTRATOR) else LEFT_ROLE
    if notice.kind == "duty.overdue":
        return _overdue(notice)
    if reference and notice.link.startswith("/standards/"):
        return "" if notice.to.has_role(Role.PROFESSIONAL_STANDARDS) else LEFT_ROLE
    return "" if _opens(notice) and _at_their_desk(notice, reference) else LEFT_DESK


def _opens(notice: Outbox) -> bool:
    """Whether the page of the duty that it leads to, if it does, is there for them."""
    found = OF_A_REPORT.match(notice.link)
    if found is None or notice.kind in (*OF_THEIRS, NEXT_TOLD):
        return True
    return Report.objects.held_by(notice.to).filter(reference=found[1]).exists()


def _at_their_desk(notice: Outbox, reference: str) -> bool:
    desk = _desk_of(notice, reference)
    return desk is None or PostMember.objects.filter(desk, person=notice.to_id).exists()


def _desk_of(notice: Outbox, reference: str) -> Q | None:
    """The desk as whose member somebody gets it, for a query of members; None where it goes to them for themselves."""
    key, *rest = notice.dedupe.split(":")
    if notice.kind == NEXT_TOLD:
        return Q(post__code=rest[-1]) if len(rest) > 2 else None
    if notice.kind == "duty.passed":
        return _desk_with(Duty.objects.filter(pk=rest[0]).first()) if key == "duty" and rest[0].isdigit() else None
    if notice.kind == "duty.ended":
        return _desk_with(Duty.objects.filter(report__reference=reference).order_by("seq").last())
    if notice.kind in TO_A_DESK and notice.link == "/duties/":
        return Q(post__code=desk_code(Report.objects.get(reference=reference)))
    if notice.kind in OF_THEIRS or not OF_A_REPORT.match(notice.link):
        return None
    then = Duty.objects.filter(report__reference=reference, from_at__lte=notice.made_at).order_by("seq")
    if then.filter(holder=notice.to_id).exists():  # theirs, also where what they were told of passed it to a desk in the same moment
        return None
    return _desk_with(then.last())


def _desk_with(duty: Duty | None) -> Q | None:
    return Q(post=duty.post_id) if duty is not None and duty.post_id is not None else None


def _overdue(notice: Outbox) -> str:
    """`overdue:<post>:<person>:<day>`. It says how many reports are overdue, as many as they could know of when it was made: where there
    are fewer that they may know of now, the number would tell of the others."""
    post = int(notice.dedupe.split(":")[1])
    if not PostMember.objects.filter(post=post, person=notice.to_id).exists():
        return LEFT_DESK
    at, said = notice.made_at, NUMBER.match(notice.subject)
    late = Q(act_due_at__lte=at) | Q(open_due_at__lte=at) & (Q(opened_at=None) | Q(opened_at__gt=at))
    then = Duty.objects.filter(late, Q(ended_at=None) | Q(ended_at__gt=at), post=post, from_at__lte=at)
    known = then.exclude(report__in=Exclusion.objects.filter(person=notice.to_id).values("report"))
    return MUST_NOT_KNOW if said is None or known.count() < int(said[0]) else ""

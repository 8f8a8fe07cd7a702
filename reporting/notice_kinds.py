"""Notices about reports: the groups a person chooses by, which no quiet hours hold, and who must not get one after all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db.models import BigIntegerField, CharField, Exists, Func, OuterRef, Q, Value

from portal.notices.kinds import Group
from portal.notices.models import Outbox
from portal.people.models import Person, PostMember, Role
from portal.record.models import Fact
from reporting.choices import Excluded
from reporting.models import Duty, Exclusion, Report

REFERENCE = re.compile(r"\bMR-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
RECEIPT_OF = "(substring(%(expressions)s from '^/receipts/([0-9]{1,18})/$'))::bigint"
TO_HOLDERS = ("duty.", "report.added", "report.answered", "promise.")
THEIRS = ("/reports/", "/receipts/")  # pages of the reporter and of whoever has a receipt already

GROUPS = [
    Group(
        code="duties",
        name="Duties you hold",
        about="One passes to you, or somebody writes to you about it.",
        starts=TO_HOLDERS,
        order=1,
        always=True,
    ),
    Group(
        code="deadlines",
        name="Deadlines",
        about="One of yours, or of a desk you staff, was missed.",
        starts=("deadline.",),
        order=2,
        always=True,
        urgent=True,
    ),
    Group(
        code="desks",
        name="Desks where nobody may act",
        about="A desk holds the duty to act on a report, and nobody there may take it.",
        starts=("post.unstaffed",),
        order=3,
        always=True,
        urgent=True,
        role=Role.ADMINISTRATOR,
    ),
    Group(
        code="reports", name="Reports you sent", about="Who holds the duty, and what was done.", starts=("report.", "reporter."), order=4
    ),
    Group(
        code="requests",
        name="Requests that two decide",
        about="Somebody asked to erase a report or to open a name, or decided.",
        starts=("erasure.", "report.name_asked", "report.name_decided"),
        order=7,
        role=Role.PROFESSIONAL_STANDARDS,
    ),
]


def references_in(notice: Outbox) -> set[str]:
    """The reports that a notice is about."""
    return set(REFERENCE.findall(f"{notice.link} {notice.subject}"))


def hidden(person: Person) -> Q:
    """Notices of a list that lead to a report which this person must not learn of, to a receipt about any report, or nowhere."""
    reference = Func(OuterRef("link"), Value("/"), Value(3), function="split_part", output_field=CharField())
    known = Report.objects.known_to(person).filter(pk=OuterRef("pk"))
    unknown = Report.objects.filter(reference=reference).exclude(Exists(known))
    receipt = Func(OuterRef("link"), template=RECEIPT_OF, output_field=BigIntegerField())
    about_reports = Fact.objects.filter(pk=receipt, subject__startswith="report:")
    nowhere = ~Q(link__regex=REFERENCE.pattern.replace(r"\b", "")) & ~Q(link__startswith="/receipts/")
    return nowhere | Q(Exists(unknown)) | Q(Exists(about_reports))


def urgent(notices: Sequence[Outbox]) -> set[int]:
    """Notices to whoever has to act, of reports that say that somebody is at risk now: of the duty, and of what its reporter writes."""
    working = [notice for notice in notices if notice.kind.startswith(TO_HOLDERS) and not notice.link.startswith(THEIRS)]
    about = {notice.pk: found[0] for notice in working if (found := REFERENCE.search(notice.link))}
    at_risk = (
        set(Report.objects.filter(reference__in=about.values(), at_risk_now=True).values_list("reference", flat=True)) if about else set()
    )
    return {key for key, reference in about.items() if reference in at_risk}


def withheld(notice: Outbox) -> str:
    """Somebody who must not learn of a report gets no notice of it, also where that became so after the notice was written."""
    references = references_in(notice)
    if not references:
        return ""
    hidden = Exclusion.objects.filter(report__reference__in=references, person=notice.to_id)
    if notice.link.startswith(THEIRS):
        hidden = hidden.exclude(why=Excluded.REPORTER)
    if hidden.exists():
        return "must not know of the report"
    return "no longer at the post" if notice.kind == "duty.passed" and _left_the_post(notice) else ""


def _left_the_post(notice: Outbox) -> bool:
    """`duty:<id>:<person>` tells a member of the post that held this duty."""
    _, _, rest = notice.dedupe.partition(":")
    key, _, member = rest.partition(":")
    if not member or not key.isdigit():
        return False
    post = Duty.objects.filter(pk=key).values_list("post", flat=True).first()
    return post is not None and not PostMember.objects.filter(post=post, person=notice.to_id).exists()

"""Notices about reports: the groups a person chooses by, which no quiet hours hold, and who must not get one after all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Case, CharField, Exists, Func, OuterRef, Q, TextField, Value, When
from django.db.models.functions import Concat

from portal.notices.kinds import Group
from portal.notices.models import MAY_BE_DUE, Outbox, State
from portal.people.models import Person, Role
from portal.record.models import Fact
from reporting import still_theirs
from reporting.choices import Excluded
from reporting.models import Duty, DutyQuerySet, Exclusion, Report
from reporting.still_theirs import MUST_NOT_KNOW

REFERENCE = re.compile(r"\bMR-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
IN_TEXT = f"ARRAY(SELECT (regexp_matches(%(expressions)s, '{REFERENCE.pattern}', 'g'))[1])::varchar[]".replace(r"\b", r"\y")
RECEIPT_OF = "(substring(%(expressions)s from '^/receipts/([0-9]{1,18})/$'))::bigint"
UNNAMED = ("post.unstaffed", "duty.overdue")  # about reports, without their references: their keys lead to the duties
UNSTAFFED = re.compile(r"unstaffed:([0-9]{1,18}):")
TO_HOLDERS = ("duty.", "report.added", "report.answered", "promise.")
ERASED = "the report was erased"
UNSENT = (*MAY_BE_DUE, State.GATHERED, State.FAILED, State.WITHHELD)
THEIRS = ("/reports/", "/receipts/")  # pages of the reporter and of whoever has a receipt already

GROUPS = [
    Group(
        code="duties",
        name="Duties you hold",
        about="One passes to you or ends, or somebody writes to you about it.",
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
        code="name",
        name="Your name",
        about="Professional standards opened it, on a report where you asked for it to be kept back.",
        starts=("report.name_opened",),
        order=3,
        always=True,
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


def references() -> Case:
    """The references of the reports that each of many notices is about, for an annotation. `references_in` finds those of one."""
    unnamed = ArraySubquery(_duties_behind().values("report__reference").distinct())
    said = Concat("link", Value(" "), "subject", Value(" "), "body", output_field=TextField())
    in_text = Func(said, template=IN_TEXT, output_field=ArrayField(CharField()))
    return Case(When(kind__in=UNNAMED, then=unnamed), default=in_text, output_field=ArrayField(CharField()))


def references_in(notice: Outbox) -> set[str]:
    """The reports that a notice names: one of a receipt does so in its body alone."""
    return set(REFERENCE.findall(f"{notice.link} {notice.subject} {notice.body}"))


def hidden(person: Person) -> Q:
    """Notices of a list that lead to a report which this person must not learn of, to a receipt about any report, or nowhere.

    One of a desk leads to each report that the desk held when it was made.
    """
    reference = Func(OuterRef("link"), Value("/"), Value(3), function="split_part", output_field=CharField())
    known = Report.objects.known_to(person).filter(pk=OuterRef("pk"))
    unknown = Report.objects.filter(reference=reference).exclude(Exists(known))
    receipt = Func(OuterRef("link"), template=RECEIPT_OF, output_field=BigIntegerField())
    about_reports = Fact.objects.filter(pk=receipt, subject__startswith="report:")
    nowhere = ~Q(link__regex=REFERENCE.pattern.replace(r"\b", "")) & ~Q(link__startswith="/receipts/")
    behind = _duties_behind()
    kept = Q(Exists(behind.exclude(report__in=Report.objects.known_to(person))))
    return (nowhere & ~Q(Exists(behind))) | kept | Q(Exists(unknown)) | Q(Exists(about_reports))


def _duties_behind() -> DutyQuerySet:
    """For a subquery of notices: the duty that an `UNNAMED` one is about, or those that its desk held when it was made."""
    held_then = Q(post=_number("overdue"), from_at__lte=OuterRef("made_at")) & (Q(ended_at=None) | Q(ended_at__gt=OuterRef("made_at")))
    return Duty.objects.filter(Q(pk=_number("unstaffed")) | held_then)


def _number(key: str) -> Func:
    """The number after the first word of a notice's key, where that word is `key`."""
    found = f"(substring(%(expressions)s from '^{key}:([0-9]{{1,18}}):'))::bigint"
    return Func(OuterRef("dedupe"), template=found, output_field=BigIntegerField())


def urgent(notices: Sequence[Outbox]) -> set[int]:
    """Notices to whoever has to act, of reports that say that somebody is at risk now: of the duty, and of what its reporter writes."""
    working = [notice for notice in notices if notice.kind.startswith(TO_HOLDERS) and not notice.link.startswith(THEIRS)]
    about = {notice.pk: found[0] for notice in working if (found := REFERENCE.search(notice.link))}
    at_risk = (
        set(Report.objects.filter(reference__in=about.values(), at_risk_now=True).values_list("reference", flat=True)) if about else set()
    )
    return {key for key, reference in about.items() if reference in at_risk}


def withheld(notice: Outbox) -> str:
    """Who must not learn of a report gets no notice of it, nor does who left the desk or the role they were to get it for, also where that
    became so after the notice was written."""
    references, unstaffed = references_in(notice), UNSTAFFED.match(notice.dedupe)
    if not references and notice.kind not in UNNAMED:
        return ""
    about = Q(report__duties=unstaffed[1]) if unstaffed else Q(report__reference__in=references)
    hidden = Exclusion.objects.filter(about, person=notice.to_id)
    theirs = notice.link.startswith(THEIRS)
    if (hidden.exclude(why=Excluded.REPORTER) if theirs else hidden).exists():
        return MUST_NOT_KNOW
    return "" if theirs else still_theirs.why_not(notice, next(iter(references), ""))


def withhold_unsent(report: Report) -> None:
    """For a report that is being erased, in the caller's transaction: what has not left by now goes to its reporter alone.

    Nobody can tell any more who must not know of it. All are treated alike, those withheld before as well, so that no row says who was
    excluded.
    """
    about = Q(link__contains=report.reference) | Q(subject__contains=report.reference) | Q(body__contains=report.reference)
    for key in report.duties.values_list("pk", flat=True):
        about |= Q(dedupe__startswith=f"unstaffed:{key}:")
    unsent = Outbox.objects.filter(about, state__in=UNSENT).exclude(to=report.reporter_id)
    unsent.update(state=State.WITHHELD, gathered_in=None, last_error=ERASED)

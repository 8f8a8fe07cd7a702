"""Which reports belong together, as far as somebody may know, and which may: read by pages; `reporting.desk.linking` changes them.

The portal suggests reports with the same sender, and with the same group. Group names are sealed; two are compared by a keyed digest that
says nothing without the portal's key and goes with the report. Whoever must not know of one of the two never learns of the link.
"""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.people.models import Person
from portal.ui.paging import Beginning
from portal.vault.keys import keyed_digest
from portal.vault.sealing import Erased, read_text
from reporting.choices import Conflicted, Excluded, ReportState
from reporting.models import Conflict, Exclusion, Link, Report, ReportQuerySet

MOST_SUGGESTED = 10


@dataclass(frozen=True, slots=True)
class Linked:
    """Another report, and why it belongs with this one."""

    link: uuid.UUID
    reference: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """Another report that may belong with this one. `why`: "Same sender", "Same group" or both."""

    reference: str
    sent_at: datetime
    why: str


def links_of(report: Report) -> QuerySet[Link]:
    return Link.objects.filter(Q(first=report) | Q(second=report), ended_at__isnull=True)


def between(one: Report, other: Report) -> QuerySet[Link]:
    return links_of(one).filter(Q(first=other) | Q(second=other))


def others(report: Report, known: ReportQuerySet) -> dict[uuid.UUID, Report]:
    """The reports linked with this one that are in `known`, by the key of the link."""
    pairs = {kept.pk: kept.second_id if kept.first_id == report.pk else kept.first_id for kept in links_of(report).order_by("at")}
    found = known.exclude(state=ReportState.ERASED).in_bulk(set(pairs.values())) if pairs else {}
    return {key: found[other] for key, other in pairs.items() if other in found}


def linked(person: Person, report: Report) -> list[Linked]:
    """What professional standards see of the links: the other report, since when and why. Reading is the caller's to record."""
    seen = others(report, Report.objects.all().overseen_by(person))
    try:
        reasons = read_text(report.container, *(f"link-{key}" for key in seen)) if seen else {}
    except Erased:
        return []
    times = dict(links_of(report).values_list("pk", "at"))
    return [Linked(key, other.reference, times[key], reasons[f"link-{key}"]) for key, other in seen.items()]


def ever_linked(person: Person, report: Report) -> dict[str, str]:
    """As `others` for professional standards, those taken apart again included: references by the key of the link, as facts spell it."""
    pairs = Link.objects.filter(Q(first=report) | Q(second=report)).values_list("pk", "first", "second")
    keys = {link: second if first == report.pk else first for link, first, second in pairs}
    found = Report.objects.all().overseen_by(person).in_bulk(set(keys.values())) if keys else {}
    return {str(link): found[other].reference for link, other in keys.items() if other in found}


def suggested(person: Person, report: Report) -> Beginning[Suggested]:
    """Reports this person may know of with the same sender or the same group, the newest first, without those linked already."""
    named = Exclusion.objects.filter(why=Excluded.SENDER)
    found = Conflict.objects.filter(why=Conflicted.SENDER, ended_at__isnull=True)
    senders = {key for listed in (named, found) for key in listed.filter(report=report).values_list("person", flat=True)}
    theirs = {"report": OuterRef("pk"), "person__in": senders}
    same_sender = Exists(named.filter(**theirs)) | Exists(found.filter(**theirs))
    same_group = Q(group_digest=report.group_digest) & ~Q(group_digest="")
    linked_already = links_of(report).filter(Q(first=OuterRef("pk")) | Q(second=OuterRef("pk")))
    known = Report.objects.all().overseen_by(person).exclude(pk=report.pk).exclude(state=ReportState.ERASED)
    alike = known.annotate(by_sender=same_sender).filter(Q(by_sender=True) | same_group).exclude(Exists(linked_already))
    listed = alike.order_by("-sent_at", "-id").values_list("reference", "sent_at", "by_sender", "group_digest")

    def read(row: tuple[str, datetime, bool, str]) -> Suggested:
        reference, at, by_sender, digest = row
        return Suggested(reference, at, _why(by_sender, digest == report.group_digest != ""))

    return Beginning.of(listed, MOST_SUGGESTED).each(read)


def group_digest(name: str) -> str:
    """What two names of one group have in common, however they are capitalised and spaced; empty for none."""
    tidied = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return keyed_digest("group name", tidied) if tidied else ""


def _why(sender: bool, group: bool) -> str:
    return " and ".join([*(["same sender"] if sender else []), *(["same group"] if group else [])]).capitalize()

"""Notices about reports that no channel could deliver, for professional standards: whose they are, why, and sending them again.

Nobody sees here what they must not know: a notice of a report that is kept from them is not in their list, nor counted, and the name of a
reporter who asked for it to be kept back is not in it either. Nor is what would match it to another message of theirs: the same fault in
the same minute.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Func, OuterRef, Prefetch, Q

from portal.notices.confidential import confidential
from portal.notices.delivering import send_again
from portal.notices.models import Outbox, OutboxQuerySet
from portal.people.models import Person, Role
from portal.record.appending import now
from reporting.models import Report, ReportQuerySet
from reporting.notice_kinds import references

ABOUT_REPORTS = ("duty.", "report.", "deadline.", "erasure.", "post.unstaffed")
ROUGHLY = (
    (timedelta(days=1), "In the last day"),
    (timedelta(days=7), "In the last week"),
    (timedelta(days=31), "In the last month"),
)
KEPT_BACK = "The reporter, whose name is kept back"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """`reference`: the report it is about, empty for a message about several or none. `why`: in a channel's words.

    Of a reporter whose name is kept back `why` is empty, and pages show `roughly` in place of `since`.
    """

    key: int
    to: str
    reference: str
    since: datetime
    why: str
    roughly: str = ""


def undelivered(person: Person) -> OutboxQuerySet:
    """Those this person may know of, the longest waiting first; those to reporters whose names are kept back after them.

    Among the others the place of one that is kept back would tell its minute.
    """
    if not person.has_role(Role.PROFESSIONAL_STANDARDS):
        return Outbox.objects.none()
    within = Outbox.objects.filter(gathered_in=OuterRef("pk")).annotate(names=references())
    given_up = Outbox.objects.given_up().annotate(names=references()).filter(confidential()).exclude(to=person)
    known = given_up.filter(_known_to(person)).exclude(Exists(within.exclude(_known_to(person))))
    found = known.annotate(kept_back=_kept_back() | Q(Exists(within.filter(_kept_back())))).order_by("kept_back", "made_at", "pk")
    return found.prefetch_related(Prefetch("gathered", Outbox.objects.annotate(names=references())))


def lines(notices: Iterable[Outbox]) -> list[Undelivered]:
    """Some of `undelivered`, as pages show them."""
    at = now()
    return [_line(notice, at) for notice in notices]


def try_again(*, person: Person, key: int) -> bool:
    """Send one of them again; whether it was one that they may know of."""
    return undelivered(person).filter(pk=key).exists() and bool(send_again(keys=[key]))


def _known_to(person: Person) -> Q:
    """Notices all of whose reports this person may know of.

    Of one that is about reports and leads to none it cannot be said whether one of them is kept from the reader: nobody sees it.
    """
    known = _named(Report.objects.all().overseen_by(person))
    counts = Q(names=[]) & Q(*(("kind__startswith", start) for start in ABOUT_REPORTS), _connector=Q.OR)
    return Q(names__contained_by=ArraySubquery(known.values("reference"))) & ~counts


def _kept_back() -> Q:
    return Q(Exists(_named(Report.objects.filter(confidential=True, reporter=OuterRef("to")))))


def _named(reports: ReportQuerySet) -> ReportQuerySet:
    return reports.filter(reference__in=Func(OuterRef("names"), template="(SELECT unnest(%(expressions)s))"))


def _line(notice: Any, at: datetime) -> Undelivered:
    names = set(notice.names).union(*(one.names for one in notice.gathered.all()))
    reference = names.pop() if len(names) == 1 else ""
    if notice.kept_back:
        return Undelivered(notice.pk, KEPT_BACK, reference, notice.made_at, "", _roughly(at - notice.made_at))
    return Undelivered(notice.pk, notice.to.name_and_unit, reference, notice.made_at, notice.last_error)


def _roughly(waited: timedelta) -> str:
    return next((words for within, words in ROUGHLY if waited < within), "More than a month ago")

"""Notices about reports that no channel could deliver, for professional standards: whose they are, why, and sending them again.

Nobody sees here what they must not know: a notice of a report that is kept from them is not in their list, nor counted, and the name of a
reporter who asked for it to be kept back is not in it either. Nor is what would match it to another message of theirs: the same fault in
the same minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.notices.confidential import confidential
from portal.notices.delivering import send_again
from portal.notices.models import Outbox
from portal.people.models import Person
from portal.record.appending import now
from reporting.models import Report
from reporting.notice_kinds import references_in

MOST = 1_000
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


def undelivered(person: Person) -> list[Undelivered]:
    """Those this person may know of, the longest waiting first; those to reporters whose names are kept back after them."""
    given_up = Outbox.objects.given_up().filter(confidential()).exclude(to=person).select_related("to__unit").prefetch_related("gathered")
    about = [(notice, _references(notice)) for notice in given_up.order_by("made_at", "pk")[:MOST]]
    known = {report.reference: report for report in _reports(person, set().union(*(references for _, references in about)))}
    lines = [_line(notice, references, known) for notice, references in about if _may_know(notice, references, known)]
    return sorted(lines, key=lambda line: bool(line.roughly))  # among the others its place would tell its minute


def _may_know(notice: Outbox, references: set[str], known: dict[str, Report]) -> bool:
    """A notice that counts reports and names none, such as a daily reminder, may count one that is kept from the reader: nobody sees it."""
    counts = any(one.kind.startswith(ABOUT_REPORTS) and not references_in(one) for one in [notice, *notice.gathered.all()])
    return not counts and references <= known.keys()


def try_again(*, person: Person, key: int) -> bool:
    """Send one of them again; whether it was one that they may know of."""
    return key in {one.key for one in undelivered(person)} and bool(send_again(keys=[key]))


def _references(notice: Outbox) -> set[str]:
    return set().union(*(references_in(one) for one in [notice, *notice.gathered.all()]))


def _reports(person: Person, references: set[str]) -> Sequence[Report]:
    if not references:
        return []
    return list(Report.objects.all().overseen_by(person).filter(reference__in=references).only("reference", "confidential", "reporter"))


def _line(notice: Outbox, references: set[str], known: dict[str, Report]) -> Undelivered:
    hidden = any(known[reference].confidential and known[reference].reporter_id == notice.to_id for reference in references)
    reference = next(iter(references)) if len(references) == 1 else ""
    if hidden:
        return Undelivered(notice.pk, KEPT_BACK, reference, notice.made_at, "", _roughly(notice.made_at))
    return Undelivered(notice.pk, notice.to.name_and_unit, reference, notice.made_at, notice.last_error)


def _roughly(since: datetime) -> str:
    waited = now() - since
    return next((words for within, words in ROUGHLY if waited < within), "More than a month ago")

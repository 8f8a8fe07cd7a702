"""Who is told of a duty, and how: its holder or those on duty at its post, whoever is next where somebody is at risk, and the reporter.

Nothing here writes: the verb that moves a duty puts these notices in its own transaction.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import lru_cache

from portal.notices.outbox import Notice
from portal.people.models import Person
from portal.receipts import telling
from portal.ui import words
from reporting import duty as duties
from reporting import staffing
from reporting.choices import Why
from reporting.escalation import next_in_line, unstaffed
from reporting.models import Duty, Report


def notice_for(duty: Duty, *, excluded: AbstractSet[uuid.UUID] | None = None) -> list[Notice]:
    """Notices that tell the holder, or every member of the post who may know, and where somebody is at risk who is next.

    `excluded` saves reading the exclusions again.
    """
    if duty.holder is not None:
        return [notice_to_holder(duty, duty.holder), *next_in_line.notices([duty])]
    hidden = excluded if excluded is not None else duties.excluded_from(duty.report)
    return notices_to_post(duty, staffing.staff_of(duty.post), hidden)


def notice_to_holder(duty: Duty, holder: Person) -> Notice:
    """For many duties at once: whoever uses it puts `next_in_line.notices` of all of them as well."""
    return _notice(duty, holder, f"duty:{duty.pk}")


def notices_to_post(
    duty: Duty, staff: Sequence[Person], excluded: AbstractSet[uuid.UUID], administrators: Sequence[Person] | None = None
) -> list[Notice]:
    """To those on duty at the post who may know; where nobody there may, to administrators, who learn nothing of the report.

    `administrators`: as `unstaffed.administrators` gives them, for many duties at once.
    """
    told = staffing.on_duty(duty.post, staff, excluded, duty.from_at, confidential=duty.report.confidential)
    if not any(person.pk not in excluded for person in staff):
        return unstaffed.alerts(duty, excluded, administrators)
    return [_notice(duty, person, f"duty:{duty.pk}:{person.pk}") for person in told]


def told_reporter(report: Report, *, kind: str, dedupe: str, subject: str, body: str) -> Notice:
    """A notice to the reporter about their own report."""
    return Notice(to=report.reporter, kind=kind, subject=subject, body=body, link=f"/reports/{report.reference}/", dedupe=dedupe)


def told_reporter_of_pass(duty: Duty) -> Notice:
    """The reporter is told who holds the duty now, and why."""
    reference, because = duty.report.reference, Why(duty.why).label
    return told_reporter(
        duty.report,
        kind="report.passed",
        dedupe=f"report-passed:{duty.pk}",
        subject=f"The duty to act on your report {reference} has passed on",
        body=(
            f"{duties.holder_first(duty)} holds the duty to act on your report {reference} since {_said(duty.from_at)}, because {because}. "
            f"{telling.where()}"
        ),
    )


def _notice(duty: Duty, person: Person, dedupe: str) -> Notice:
    reference = duty.report.reference
    holder = f"{duties.holder_first(duty)} holds" if duty.post else "You hold"
    return Notice(
        to=person,
        kind="duty.passed",
        subject=f"{holder} the duty to act on report {reference}",
        body=(
            f"{holder} the duty to act on report {reference} since {_said(duty.from_at)}. "
            f"Open it by {_said(duty.open_due_at)} and record what you did by {_said(duty.act_due_at)}. {telling.where()}"
        ),
        link=f"/duties/{reference}/",
        dedupe=dedupe,
    )


def _said(at: datetime) -> str:
    return _said_this_minute(at, int(time.time()) // 60)


@lru_cache(maxsize=64)
def _said_this_minute(at: datetime, _minute: int) -> str:
    """A sweep tells thousands of holders the same few times."""
    return words.moment(at)

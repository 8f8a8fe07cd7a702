"""Findings: what professional standards decide about a report, entered with the day of the decision when it is made.

Facts about them stand on the chain of who looked, so no statement of duty tells of them. The reporter reads of one only where it is marked
for them; whoever holds or held the duty does not. A finding is not changed afterwards: a later one says what is true then.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from portal.notices.outbox import put_all
from portal.people.models import Person
from portal.record.appending import append, person_actor
from portal.vault.sealing import seal
from reporting import notifying
from reporting.choices import Recorded
from reporting.desk import overseeing
from reporting.desk.overseeing import Locked
from reporting.models import Finding
from reporting.once import own_key


class NotYet(Exception):
    """A decision of a day to come."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is entered. `words` may be empty; `shared`: whether the reporter may read of it; `key`: of the form."""

    what: Recorded
    day: date
    words: str
    shared: bool
    key: uuid.UUID | None = None


def record_finding(*, person: Person, report_id: uuid.UUID, given: Given) -> Finding:
    """Enter a decision of professional standards, also on a closed report. The same form again enters nothing.

    Raises holding.NotYours, Erased and NotYet.
    """
    written = [given.what, given.day.isoformat(), given.words, str(given.shared)]
    own = own_key(given.key, report_id=report_id, person=person, written=written)
    with overseeing.at_work(person, report_id):
        locked = overseeing.lock(person, report_id)
        if given.day > _today(locked.at):
            raise NotYet("The day of the decision must be today or in the past.")
        before = Finding.objects.filter(pk=own).first()
        if before is not None:
            return before
        finding = Finding(pk=own, report=locked.report, what=given.what, day=given.day, shared=given.shared, by=person, at=locked.at)
        finding.save(force_insert=True)
        _record(locked, finding, given.words)
        return finding


def _today(at: datetime) -> date:
    return timezone.localtime(at).date()


def _record(locked: Locked, finding: Finding, words: str) -> None:
    report = locked.report
    append(
        kind="standards.recorded",
        subject=report.consultations,
        actor=person_actor(locked.person),
        facts={"finding": str(finding.pk), "what": str(finding.what), "day": finding.day.isoformat(), "shared": finding.shared},
        sealed=seal(container=report.container, values={f"finding-{finding.pk}": words}) if words else {},
    )
    if finding.shared:
        told = notifying.told_reporter(
            report,
            kind="report.recorded",
            dedupe=f"report-recorded:{finding.pk}",
            subject=f"Professional standards recorded something about your report {report.reference}",
            body=f"Professional standards recorded something about your report {report.reference}. Its page says what.",
        )
        put_all([told])

"""Looking at somebody else's report is itself a fact: who, when and why (Data Protection Act 2018, section 62)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from portal.people.models import Person
from portal.record.appending import append, now, person_actor
from portal.record.models import Fact
from reporting.models import Report

AGAIN_AFTER = timedelta(minutes=10)  # a page that comes back after a form is the same visit


def consult(*, person: Person, report: Report, why: str) -> None:
    """Append `report.consulted` unless this person looked for the same reason within the last ten minutes.

    It stands on a chain of its own, `report.consultations`, which a writer of both takes after the report's.
    """
    with transaction.atomic():
        actor = person_actor(person)
        recent = Fact.objects.for_subject(report.consultations).of_kind("report.consulted").filter(actor=actor, at__gt=now() - AGAIN_AFTER)
        if not any(fact.data["why"] == why for fact in recent):
            append(kind="report.consulted", subject=report.consultations, actor=actor, facts={"why": why})

"""Erase again: a database that was put back from a backup brings back what was erased since. The record knows, and two people decided.

A fact that nobody else asked for is no decision of two: what says alone that a report was erased erases nothing here.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from portal.notices.outbox import put_all
from portal.postgres.base import rows
from portal.record.appending import append, now, process_actor
from portal.record.models import Fact
from portal.requests.choices import ErasureState
from portal.vault.sealing import open_container
from reporting import duty as duties
from reporting.erasure.erasing import destroy, end_duty
from reporting.models import Erasure, Report

BROUGHT_BACK = """
SELECT report.id, fact.id
FROM record_fact AS fact JOIN reporting_report AS report ON fact.subject = 'report:' || report.id
WHERE fact.kind = 'report.erased' AND report.state <> 'erased' AND fact.actor = fact.facts::jsonb ->> 'approved_by' AND EXISTS (
    SELECT FROM record_fact AS asked
    WHERE asked.subject = 'consultation:' || report.id AND asked.kind = 'erasure.asked' AND asked.id < fact.id
        AND asked.facts::jsonb ->> 'erasure' = fact.facts::jsonb ->> 'erasure'
        AND asked.actor = fact.facts::jsonb ->> 'asked_by' AND asked.actor <> fact.actor
)
"""


def erase_again() -> int:
    """Erase the reports that the record says were erased and the tables do not; return how many. Nothing to do is the usual case."""
    return sum(_erase_again(report_id, fact_id) for report_id, fact_id in rows(BROUGHT_BACK))


def _erase_again(report_id: uuid.UUID, fact_id: int) -> bool:
    with transaction.atomic():
        report, duty = duties.lock(report_id)
        if report.is_erased:
            return False
        fact, at = Fact.objects.get(pk=fact_id), now()
        told = end_duty(report, duty, at)
        destroy(report)
        _remember(report, fact)
        append(
            kind="report.erased_again",
            subject=report.subject,
            actor=process_actor("worker"),
            facts={"erasure": fact.data["erasure"], **({"duty": duty.pk} if duty else {})},
        )
        put_all(told)
        return True


def _remember(report: Report, fact: Fact) -> None:
    """The row of the erasure as its fact tells it. A reason that the backup does not hold is lost; its commitment is in the facts."""
    told = fact.data
    asked = Fact.objects.for_subject(report.consultations).of_kind("erasure.asked").filter(pk__lt=fact.pk).last()
    erasure = Erasure.objects.filter(pk=told["erasure"]).first() or Erasure(
        pk=uuid.UUID(told["erasure"]), report=report, container=open_container(purpose="erasure")
    )
    erasure.ground, erasure.state = told["ground"], ErasureState.DONE
    erasure.asked_by_id, erasure.asked_at = _person(told["asked_by"]), asked.at if asked else fact.at
    erasure.decided_by_id, erasure.decided_at = _person(told["approved_by"]), datetime.fromisoformat(told["erased_at"])
    erasure.save()


def _person(spelled: str) -> uuid.UUID:
    return uuid.UUID(spelled.partition(":")[2])

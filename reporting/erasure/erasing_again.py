"""Erase again: a database that was put back from a backup brings back what was erased since. The record knows, and two people decided."""

from __future__ import annotations

import uuid

from django.db import transaction

from portal.notices.outbox import put_all
from portal.postgres.base import rows
from portal.record.appending import append, now, process_actor
from portal.record.models import Fact
from portal.requests.erased_before import DECIDED_BY_TWO, remember
from portal.vault.sealing import open_container
from reporting import duty as duties
from reporting.erasure.erasing import destroy, end_duty
from reporting.models import Erasure

BROUGHT_BACK = f"""
SELECT report.id, fact.id
FROM record_fact AS fact JOIN reporting_report AS report ON fact.subject = 'report:' || report.id
WHERE fact.kind = 'report.erased' AND report.state <> 'erased' AND {DECIDED_BY_TWO.format(chain="'consultation:' || report.id")}
"""  # noqa: S608 - constants


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
        key = uuid.UUID(fact.data["erasure"])
        erasure = Erasure.objects.filter(pk=key).first() or Erasure(pk=key, report=report, container=open_container(purpose="erasure"))
        remember(erasure, fact, chain=report.consultations)
        append(
            kind="report.erased_again",
            subject=report.subject,
            actor=process_actor("worker"),
            facts={"erasure": fact.data["erasure"], **({"duty": duty.pk} if duty else {})},
        )
        put_all(told)
        return True

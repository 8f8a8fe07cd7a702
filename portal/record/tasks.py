"""Background work of the record. `schedule.BEAT` says when; placing and signing are the clock's."""

from __future__ import annotations

from celery import Task, shared_task

from portal.record import nightly


@shared_task(name="record.verify_nightly", ignore_result=True, base=Task)
def verify_nightly() -> bool:
    """Verify the record and tell the auditors of a mismatch; whether all agrees. Done while the portal is read-only, too."""
    return nightly.check() is None

"""Background delivery. The clock asks for it whenever something is due; the outbox row, not the broker, remembers."""

from __future__ import annotations

from celery import shared_task

from portal.notices import hearing_back
from portal.notices.delivering import BATCH, deliver_batch


@shared_task(name="notices.deliver", ignore_result=True, expires=30)
def deliver() -> int:
    """Deliver until nothing is due; return how many notices were taken up."""
    taken = total = deliver_batch()
    while taken == BATCH:
        taken = deliver_batch()
        total += taken
    return total


@shared_task(name="notices.hear_back", ignore_result=True, expires=50)
def hear_back() -> int:
    """Ask GOV.UK Notify what became of what it took; return how many answers were new."""
    return hearing_back.fetch()

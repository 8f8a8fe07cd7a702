"""Background work of receipts: paper copies. The clock asks for those that are due; `schedule.BEAT` says when old ones go."""

from __future__ import annotations

from celery import shared_task

from portal.receipts.paper import copies


@shared_task(name="receipts.make_papers", ignore_result=True, expires=10)
def make_papers() -> int:
    """Make every paper copy that is due; return how many. It is given nothing: what a paper says never passes the broker."""
    return copies.make_due()


@shared_task(name="receipts.forget_old_papers", ignore_result=True)
def forget_old_papers() -> int:
    """Forget copies nobody asked for lately; return how many."""
    return copies.forget_old()

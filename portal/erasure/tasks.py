"""Background work of erasing. `schedule.BEAT` says how often."""

from __future__ import annotations

from celery import shared_task

from portal.erasure.erasing_again import erase_again


@shared_task(name="erasure.erase_again", ignore_result=True)
def erase_what_was_brought_back() -> int:
    """Erase words that a backup brought back; return of how many rows."""
    return erase_again()

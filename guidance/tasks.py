"""Background work of guidance. `schedule.BEAT` says how often."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from guidance.reminding import remind


@shared_task(name="guidance.remind", ignore_result=True)
def remind_of_guidance() -> int:
    """Put the reminders that are due today; return how many. A round that is finished costs one small query."""
    return remind(today=timezone.localdate())

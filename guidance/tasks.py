"""Background work of guidance. `BEAT` is what beat is asked to run, and how often."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from guidance.reminding import remind

BEAT: dict[str, dict[str, Any]] = {
    "guidance.remind": {"task": "guidance.remind", "schedule": 300.0, "options": {"expires": 240}},
}


@shared_task(name="guidance.remind", ignore_result=True)
def remind_of_guidance() -> int:
    """Put the reminders that are due today; return how many. A round that is finished costs one small query."""
    return remind(today=timezone.localdate())

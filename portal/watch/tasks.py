"""The worker's watch. `schedule.BEAT` says when."""

from __future__ import annotations

from celery import shared_task

from portal.watch import watching


@shared_task(name="watch.look", ignore_result=True)
def look() -> int:
    """Leave the workers' sign of life, then look whether the clock and all else keep up; how many alarms began or ended."""
    watching.beat("worker")
    return watching.watch()

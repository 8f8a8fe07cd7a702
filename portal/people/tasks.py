"""Background work of people. `schedule.BEAT` says how often."""

from __future__ import annotations

from celery import shared_task

from portal.people.rota_watch import watch


@shared_task(name="people.watch_rotas", ignore_result=True)
def watch_rotas() -> int:
    """Tell of posts whose rota has nobody now; return how many were told of."""
    return watch()

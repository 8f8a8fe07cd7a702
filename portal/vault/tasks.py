"""Background work of the vault. `schedule.BEAT` says how often."""

from __future__ import annotations

from celery import shared_task

from portal.vault.sweeping import sweep_files


@shared_task(name="vault.sweep_files", ignore_result=True)
def sweep() -> int:
    """Remove sealed files that nothing leads to; return how many."""
    return sweep_files().removed

"""When the vault's background work runs."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

BEAT: dict[str, dict[str, Any]] = {
    "vault.sweep_files": {"task": "vault.sweep_files", "schedule": crontab(hour="2", minute="40"), "options": {"expires": 3_600}},
}

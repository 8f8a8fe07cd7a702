"""When the background work of receipts runs."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

BEAT: dict[str, dict[str, Any]] = {
    "receipts.forget_old_papers": {
        "task": "receipts.forget_old_papers",
        "schedule": crontab(hour="3", minute="10"),
        "options": {"expires": 3_600},
    },
}

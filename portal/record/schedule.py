"""When the record is checked as a whole."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

BEAT: dict[str, dict[str, Any]] = {
    "record.verify_nightly": {"task": "record.verify_nightly", "schedule": crontab(hour="3", minute="15"), "options": {"expires": 7_200}},
}

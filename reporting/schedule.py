"""When reporting's background work runs. Deadlines are not here: the clock fires those."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

BEAT: dict[str, dict[str, Any]] = {
    "reporting.alert_unstaffed": {"task": "reporting.alert_unstaffed", "schedule": 300.0, "options": {"expires": 240}},
    "reporting.discard_old_drafts": {
        "task": "reporting.discard_old_drafts",
        "schedule": crontab(hour="2", minute="20"),
        "options": {"expires": 3_600},
    },
    "reporting.erase_again": {"task": "reporting.erase_again", "schedule": 900.0, "options": {"expires": 600}},
    "reporting.move_left_behind": {"task": "reporting.move_left_behind", "schedule": 60.0, "options": {"expires": 50}},
    "reporting.tell_reporters": {"task": "reporting.tell_reporters", "schedule": 300.0, "options": {"expires": 280}},
    "reporting.reckon": {"task": "reporting.reckon", "schedule": 60.0, "options": {"expires": 50}},
    "reporting.remind": {"task": "reporting.remind", "schedule": 900.0, "options": {"expires": 600}},
}

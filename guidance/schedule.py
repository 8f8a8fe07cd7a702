"""What beat is asked to run for guidance, and how often. Imports nothing, so that Celery can read it before Django is ready."""

from __future__ import annotations

from typing import Any

BEAT: dict[str, dict[str, Any]] = {
    "guidance.remind": {"task": "guidance.remind", "schedule": 300.0, "options": {"expires": 240}},
}

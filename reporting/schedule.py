"""When reporting's background work runs. Deadlines are not here: the clock fires those."""

from __future__ import annotations

from typing import Any

BEAT: dict[str, dict[str, Any]] = {
    "reporting.remind": {"task": "reporting.remind", "schedule": 900.0, "options": {"expires": 600}},
}

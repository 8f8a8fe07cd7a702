"""When notices' background work runs. The clock asks for deliveries too, every two seconds; here is what goes on without it."""

from __future__ import annotations

from typing import Any

BEAT: dict[str, dict[str, Any]] = {
    "notices.deliver": {"task": "notices.deliver", "schedule": 60.0, "options": {"expires": 50}},
    "notices.hear_back": {"task": "notices.hear_back", "schedule": 60.0, "options": {"expires": 50}},
}

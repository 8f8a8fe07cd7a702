"""When the background work of people runs."""

from __future__ import annotations

from typing import Any

BEAT: dict[str, dict[str, Any]] = {
    "people.watch_rotas": {"task": "people.watch_rotas", "schedule": 900.0, "options": {"expires": 600}},
}

"""How often a worker looks whether the others keep up."""

from __future__ import annotations

from typing import Any

BEAT: dict[str, dict[str, Any]] = {"watch.look": {"task": "watch.look", "schedule": 30.0, "options": {"expires": 25}}}

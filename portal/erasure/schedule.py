"""When the background work of erasing runs."""

from __future__ import annotations

from typing import Any

BEAT: dict[str, dict[str, Any]] = {
    "erasure.erase_again": {"task": "erasure.erase_again", "schedule": 900.0, "options": {"expires": 600}},
}

"""Template tag: the witnesses and the time-stamping authority, for the page about the record."""

from __future__ import annotations

from typing import Any

from django import template

from portal.record.models import Checkpoint
from portal.witness.standing import authority_standing, configured, quorum_met, standing

register = template.Library()


@register.inclusion_tag("witness/_witnesses.html")
def witnesses(newest: Checkpoint | None) -> dict[str, Any]:
    """Who signs the record besides the force, and how it stands with each. `newest`: the last checkpoint signed."""
    listed = standing()
    return {
        "witnesses": listed,
        "authority": authority_standing(),
        "quorum": configured().quorum,
        "met": bool(listed) and newest is not None and quorum_met(newest),
    }

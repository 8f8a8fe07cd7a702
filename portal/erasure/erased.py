"""Saying that words were erased, when and on which ground, where they stood."""

from __future__ import annotations

import uuid

from portal.erasure.models import Erasure
from portal.ui.words import moment

ERASED = "These words were erased."


def sentence(container: uuid.UUID) -> str:
    """What a page says in place of what was sealed in an erased container."""
    return said_of(Erasure.objects.of(container).done().first())


def said_of(done: Erasure | None) -> str:
    """The same, where the erasure was read already."""
    return f"These words were erased at {moment(done.decided_at)} under {done.get_ground_display().lower()}." if done else ERASED

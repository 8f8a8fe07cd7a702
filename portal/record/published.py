"""What the record has published: checkpoints with their cosignatures, the keys to trust, and how long the unsigned tail is."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from portal.postgres.base import rows
from portal.record import keys, places, state
from portal.record.models import Checkpoint, Cosignature
from portal.record.notes import parse_lines, parse_note, with_lines

WINDOW = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - (SELECT min(at) FROM record_fact WHERE leaf_index IS NULL)), 0)::float,
       (SELECT count(*) FROM record_fact WHERE leaf_index IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Window:
    """The tail that no checkpoint covers: how many facts wait, and for how many seconds the oldest has waited."""

    facts: int
    seconds: float


def origin() -> str:
    """The name of the log as it is signed now."""
    return state.read(places.state()).origin(settings.RECORD_ORIGIN)


def trusted_keys() -> list[str]:
    """The vkeys to trust: the log's, then the portal's. Empty before the clock has run for the first time."""
    return [str(key) for key in keys.public_keys(origin())]


def retired_keys() -> list[str]:
    """The vkeys that signed once and sign no more: what they signed stays good."""
    return [str(key) for key in keys.retired_keys()]


def newest() -> Checkpoint | None:
    """The last checkpoint signed over the tree as it stands: none while a new shard has signed nothing yet."""
    signed = state.read(places.state())
    return None if signed.shard > 1 and not signed.note else last()


def last() -> Checkpoint | None:
    """The last checkpoint signed, also where that was in the shard before."""
    return Checkpoint.objects.order_by("-id").first()


def full_note(checkpoint: Checkpoint) -> str:
    """The signed note of a checkpoint, with the witnesses' latest lines for it, or for the same tree signed at another time."""
    same = Cosignature.objects.filter(checkpoint__size=checkpoint.size, checkpoint__root=checkpoint.root)
    lines = [line for kept in same.order_by("at", "id") for line in parse_lines(kept.line)]
    return str(with_lines(parse_note(checkpoint.note), lines))


def window() -> Window:
    seconds, facts = rows(WINDOW)[0]
    return Window(facts, max(seconds, 0.0))

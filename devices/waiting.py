"""What the front page says about somebody's handset, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from devices.models import Discrepancy, Handset, State
from portal.people.models import Person
from portal.postgres.base import rows

WAITING = """
SELECT handset.asset_tag, handset.model, handset.state, custody.claimed_at
FROM devices_custody AS custody JOIN devices_handset AS handset ON handset.id = custody.handset_id
WHERE custody.holder_id = %(person)s AND custody.ended_at IS NULL
UNION ALL
SELECT asset_tag, model, state, NULL FROM devices_handset WHERE allotted_to_id = %(person)s AND state = 'allotted'
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One handset of somebody's: held since `claimed_at`, or allotted to them and not claimed (None)."""

    asset_tag: str
    model: str
    state: str
    claimed_at: datetime | None

    @property
    def to_claim(self) -> bool:
        return self.state == State.ALLOTTED

    @property
    def link(self) -> str:
        return f"/handset/claim/{self.asset_tag}/" if self.to_claim else "/handset/"


def waiting_for(person: Person) -> list[Waiting]:
    """The handset they hold, if any, first; then those that wait to be claimed. Empty: they hold none and none is allotted to them."""
    found = rows(WAITING, {"person": person.pk})
    return sorted((Waiting(*row) for row in found), key=lambda one: (one.to_claim, one.asset_tag))


def returns_waiting() -> int:
    """How many handsets are on their way back to stores."""
    return Handset.objects.in_state(State.RETURNING).count()


def discrepancies_waiting() -> int:
    """How many discrepancies stores have not looked into."""
    return Discrepancy.objects.open().count()

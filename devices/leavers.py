"""What people who leave still hold of stores' stock."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from devices.models import Custody, Handset, State
from portal.people.leaving import Holding


def held_handsets(people: set[uuid.UUID]) -> Iterator[Holding]:
    """Handsets in a leaver's name, and those allotted to them and not claimed."""
    for custody in Custody.objects.open().filter(holder__in=people).select_related("handset"):
        yield _holding(custody.holder_id, "Handset", custody.handset)
    for handset in Handset.objects.filter(state=State.ALLOTTED, allotted_to__in=people):
        if handset.allotted_to_id is not None:
            yield _holding(handset.allotted_to_id, "Allotted handset", handset)


def _holding(person_id: uuid.UUID, what: str, handset: Handset) -> Holding:
    return Holding(person_id=person_id, what=f"{what} {handset.asset_tag}", link=handset.get_absolute_url())

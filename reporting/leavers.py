"""What leavers hold here: duties. The sweep never gives a leaver a new one; the ones they have are listed to be handed on."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from portal.people.leaving import Holding
from reporting.models import Duty


def describe_duties(people: set[uuid.UUID]) -> Iterable[Holding]:
    """The open duties of `people`. Professional standards reach each by its link."""
    for duty in Duty.objects.open().filter(holder__in=people).select_related("report").order_by("report__sent_at"):
        if duty.holder_id is not None:
            reference = duty.report.reference
            yield Holding(person_id=duty.holder_id, what=f"Duty to act on report {reference}", link=f"/standards/{reference}/")

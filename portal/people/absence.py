"""Who is away now, and who stands in for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from portal.people.models import Absence, Person


def deputies_at(people: Iterable[Person], at: datetime) -> dict[uuid.UUID, Person | None]:
    """For each of `people` who is away at `at`: their deputy, or None where nobody was named. People at work are not in the answer."""
    away = Absence.objects.filter(person__in=list(people), starts_at__lte=at, ends_at__gt=at).select_related("deputy__unit")
    return {absence.person_id: absence.deputy for absence in away.order_by("-ends_at")}

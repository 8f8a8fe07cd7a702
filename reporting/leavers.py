"""What leavers hold here: duties. The sweep never gives a leaver a new one, and passes on those they have when a deadline is missed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Count

from portal.people.leaving import Holding
from portal.ui import words
from reporting.models import Duty


def describe_duties(people: set[uuid.UUID]) -> Iterable[Holding]:
    """How many open duties each of `people` holds. Whoever imports leavers is an administrator and must not learn of a single report."""
    held = Duty.objects.open().filter(holder__in=people).order_by().values_list("holder").annotate(many=Count("pk"))
    for person_id, many in held:
        yield Holding(person_id=person_id, what=f"The duty to act on {words.count(many, 'report')}", link="/standards/")

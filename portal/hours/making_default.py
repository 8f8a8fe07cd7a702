"""Make a pattern the one that every unit and post follows that has no other."""

from __future__ import annotations

from django.db import transaction

from portal.hours import changing
from portal.hours.models import Pattern
from portal.people.models import Person


@transaction.atomic
def make_default(*, by: Person, pattern_id: int) -> None:
    """Raises Pattern.DoesNotExist. Deadlines that run already stay where they are."""
    locked = {pattern.pk: pattern for pattern in Pattern.objects.select_for_update().order_by("pk")}
    if pattern_id not in locked:
        raise Pattern.DoesNotExist
    for pattern in sorted(locked.values(), key=lambda one: one.pk == pattern_id):  # one at a time is the default: the old one goes first
        if pattern.is_default != (pattern.pk == pattern_id):
            pattern.is_default = pattern.pk == pattern_id
            pattern.save(update_fields=["is_default"])
            changing.pattern_changed(by=by, pattern=pattern)

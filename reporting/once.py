"""A form that is sent twice writes once: its key, chosen when it was shown, gives the key of what it writes."""

from __future__ import annotations

import uuid

from portal.people.models import Person


def own_key(key: uuid.UUID | None, *, report_id: uuid.UUID, person: Person) -> uuid.UUID:
    """The same for one form of one person about one report, and nobody else's; a new one where no form was shown."""
    return uuid.uuid5(report_id, f"{person.pk} {key}") if key else uuid.uuid4()

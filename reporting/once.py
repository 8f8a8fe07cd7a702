"""A form that is sent twice writes once: its key, chosen when it was shown, and what was written give the key of what it writes.

A browser that goes back shows a form with the key it had. Other words in it are not the same again: they are written too.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

from portal.people.models import Person


def own_key(key: uuid.UUID | None, *, report_id: uuid.UUID, person: Person, written: Sequence[str]) -> uuid.UUID:
    """The same for one form of one person about one report with the same in it, and nobody else's; a new one where no form was shown.

    It tells nothing of what was written: the form's key is random, and kept nowhere.
    """
    return uuid.uuid5(report_id, json.dumps([str(person.pk), str(key), *written])) if key else uuid.uuid4()

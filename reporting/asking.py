"""Ask: the holder puts a question to the reporter. No deadline waits for the answer."""

from __future__ import annotations

import uuid

from portal.people.models import Person
from reporting.choices import MessageKind
from reporting.models import Message
from reporting.saying import say


def ask(*, person: Person, report_id: uuid.UUID, question: str, key: uuid.UUID | None = None) -> Message:
    """Put a question to the reporter. `key`: of the form; the same again asks nothing. Raises holding.NotYours and holding.NotHolding."""
    return say(person=person, report_id=report_id, kind=MessageKind.QUESTION, text=question, key=key)

"""What a database that was put back from a backup brings back was erased before: the record knows it, and that two people decided."""

from __future__ import annotations

import uuid
from datetime import datetime

from portal.record.models import Fact
from portal.requests.asked import AskedErasure
from portal.requests.choices import ErasureState

# Of `fact`, that something was erased: somebody else asked for it. `{chain}`: the subject of the facts of requests.
# A fact that nobody else asked for is no decision of two: what says alone that something was erased erases nothing.
DECIDED_BY_TWO = """fact.actor = fact.facts::jsonb ->> 'approved_by' AND EXISTS (
    SELECT FROM record_fact AS asked
    WHERE asked.subject = {chain} AND asked.kind = 'erasure.asked' AND asked.id < fact.id
        AND asked.facts::jsonb ->> 'erasure' = fact.facts::jsonb ->> 'erasure'
        AND asked.actor = fact.facts::jsonb ->> 'asked_by' AND asked.actor <> fact.actor
)"""


def remember(erasure: AskedErasure, fact: Fact, *, chain: str) -> None:
    """Make the row say what `fact` says. A reason that the backup does not hold is lost; its commitment is in the facts."""
    told = fact.data
    asked = Fact.objects.for_subject(chain).of_kind("erasure.asked").filter(pk__lt=fact.pk).last()
    erasure.ground, erasure.state = told["ground"], ErasureState.DONE
    erasure.asked_by_id, erasure.asked_at = _person(told["asked_by"]), asked.at if asked else fact.at
    erasure.decided_by_id, erasure.decided_at = _person(told["approved_by"]), datetime.fromisoformat(told["erased_at"])
    erasure.save()


def _person(spelled: str) -> uuid.UUID:
    return uuid.UUID(spelled.partition(":")[2])

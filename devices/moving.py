"""The one way a handset changes state: its row locked, the move looked up, the change written and the fact appended."""

from __future__ import annotations

from devices.models import Custody, Ending, Handset
from devices.refusals import HoldsNone, WrongState
from portal.people.models import Person
from portal.record.appending import append, now, person_actor
from portal.record.canonical import Json
from portal.record.models import Fact


def locked(handset_id: int) -> Handset:
    """The handset's row, locked until the transaction ends. Raises Handset.DoesNotExist."""
    return Handset.objects.select_for_update().get(pk=handset_id)


def locked_custody(holder: Person) -> Custody:
    """What `holder` holds now, with its handset's row locked first and then its own. Raises HoldsNone."""
    handset = Handset.objects.select_for_update(of=("self",)).held_by(holder).first()
    custody = Custody.objects.select_for_update().open().filter(handset=handset, holder=holder).first()
    if handset is None or custody is None:
        raise HoldsNone
    custody.handset, custody.holder = handset, holder
    return custody


def move(handset: Handset, to: str, *, kind: str, by: Person, facts: dict[str, Json] | None = None) -> Fact:
    """Change the state of a locked handset and append and return the fact. Raises WrongState for a move not in the table."""
    if not handset.may_become(to):
        raise WrongState(handset)
    before, handset.state = handset.state, to
    handset.save(update_fields=["state", "allotted_to"])
    moved: dict[str, Json] = {"from": before, "to": str(to), **(facts or {})}
    return append(kind=kind, subject=handset.subject, actor=person_actor(by), facts=moved)


def end_custody(custody: Custody, how: Ending) -> None:
    custody.ended_at, custody.ended_how = now(), how
    custody.save(update_fields=["ended_at", "ended_how"])

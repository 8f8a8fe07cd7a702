"""Hand a handset back. The holder says so; it stays in their name until stores confirm (`storing.confirm_return`)."""

from __future__ import annotations

from django.db import transaction

from devices.models import Custody, State
from devices.moving import locked_custody, move
from devices.telling import tell_of_receipt
from portal.people.models import Person


@transaction.atomic
def hand_back(*, holder: Person) -> Custody:
    """Tell stores that the handset is on its way to them. Raises HoldsNone, and WrongState when that was said already."""
    custody = locked_custody(holder)
    fact = move(custody.handset, State.RETURNING, kind="handset.return_started", by=holder, facts={"custody": custody.pk})
    tell_of_receipt(custody=custody, fact=fact)
    return custody


@transaction.atomic
def keep(*, holder: Person) -> Custody:
    """Call the return off. Raises HoldsNone, and WrongState when no return was under way."""
    custody = locked_custody(holder)
    fact = move(custody.handset, State.CLAIMED, kind="handset.return_called_off", by=holder, facts={"custody": custody.pk})
    tell_of_receipt(custody=custody, fact=fact)
    return custody

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from devices import losing, returning, storing
from devices.models import Custody, Ending, State
from devices.refusals import HoldsNone, WrongState
from devices.tests.factories import stores, take
from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact

pytestmark = pytest.mark.django_db


def kinds(custody: Custody) -> list[str]:
    return [fact.kind for fact in Fact.objects.for_subject(custody.handset.subject)]


def test_a_handset_handed_back_stays_in_the_officers_name_until_stores_confirm(officer: Person) -> None:
    custody = take(officer)
    returning.hand_back(holder=officer)
    custody.handset.refresh_from_db()
    assert custody.handset.state == State.RETURNING
    assert Custody.objects.open().get() == custody


def test_stores_confirming_the_return_ends_the_custody_and_tells_the_officer(officer: Person) -> None:
    custody = take(officer)
    returning.hand_back(holder=officer)
    storing.confirm_return(by=stores(), handset_id=custody.handset_id)
    custody.refresh_from_db()
    assert (custody.ended_how, custody.ended_at is not None) == (Ending.RETURNED, True)
    assert kinds(custody) == ["handset.claimed", "handset.return_started", "handset.returned"]
    assert Outbox.objects.filter(to=officer, kind="handset.returned").exists()


def test_stores_may_confirm_a_return_that_the_officer_never_announced(officer: Person) -> None:
    custody = take(officer)
    assert storing.confirm_return(by=stores(), handset_id=custody.handset_id).state == State.RETURNED


def test_a_return_can_be_called_off_until_it_is_confirmed(officer: Person) -> None:
    custody = take(officer)
    returning.hand_back(holder=officer)
    assert returning.keep(holder=officer).handset.state == State.CLAIMED
    assert kinds(custody)[-1] == "handset.return_called_off"


def test_the_holder_is_told_of_their_receipt_each_time_they_hand_back_or_keep(officer: Person) -> None:
    take(officer)
    for verb in (returning.hand_back, returning.keep) * 2:
        verb(holder=officer)
    told = Outbox.objects.filter(to=officer, kind="receipt.ready").order_by("pk")
    facts = Fact.objects.of_kind("handset.return_started", "handset.return_called_off").order_by("pk")
    assert [notice.link for notice in told] == [f"/receipts/{fact.pk}/" for fact in facts]
    assert told[0].body.startswith("You said that you are handing back handset ")


def test_a_return_is_announced_once(officer: Person) -> None:
    take(officer)
    returning.hand_back(holder=officer)
    with pytest.raises(WrongState):
        returning.hand_back(holder=officer)


def test_keeping_a_handset_that_is_not_on_its_way_back_is_refused(officer: Person) -> None:
    take(officer)
    with pytest.raises(WrongState):
        returning.keep(holder=officer)


@pytest.mark.parametrize("verb", [returning.hand_back, returning.keep])
def test_somebody_without_a_handset_has_none_to_hand_back(officer: Person, verb: Callable[..., Any]) -> None:
    with pytest.raises(HoldsNone):
        verb(holder=officer)


@pytest.mark.django_db(transaction=True)
def test_a_return_confirmed_while_it_is_called_off_has_one_outcome(together: Callable[..., list[Any]]) -> None:
    officer, keeper = PersonFactory(), PersonFactory()
    custody = take(officer)
    returning.hand_back(holder=officer)
    together(lambda: returning.keep(holder=officer), lambda: storing.confirm_return(by=keeper, handset_id=custody.handset_id))
    custody.refresh_from_db()
    assert custody.handset.state == State.RETURNED
    assert custody.ended_how == Ending.RETURNED


@pytest.mark.django_db(transaction=True)
def test_a_handset_confirmed_and_reported_lost_at_once_ends_once(together: Callable[..., list[Any]]) -> None:
    officer, keeper = PersonFactory(), PersonFactory()
    custody = take(officer)
    outcomes = together(
        lambda: losing.report_missing(holder=officer, how=Ending.LOST),
        lambda: storing.confirm_return(by=keeper, handset_id=custody.handset_id),
    )
    assert not [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, HoldsNone)]
    custody.refresh_from_db()
    assert custody.handset.state == State.RETURNED
    assert custody.ended_how in (Ending.LOST, Ending.RETURNED)

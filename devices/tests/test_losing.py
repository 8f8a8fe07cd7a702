from __future__ import annotations

import pytest

from devices import losing, storing
from devices.models import Custody, Ending, Handset, State
from devices.refusals import HoldsAnother, HoldsNone, WrongState
from devices.tests.factories import HandsetFactory, stores, take
from portal.notices.models import Outbox
from portal.people.models import Person
from portal.record.models import Fact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("how", [Ending.LOST, Ending.STOLEN])
def test_a_loss_ends_the_custody_and_tells_stores_at_once(officer: Person, how: Ending) -> None:
    keeper, custody = stores(), take(officer)
    losing.report_missing(holder=officer, how=how)
    custody.refresh_from_db()
    assert (custody.handset.state, custody.ended_how) == (how.value, how)
    fact = Fact.objects.for_subject(custody.handset.subject).last()
    assert fact is not None
    assert (fact.kind, fact.data["custody"]) == (f"handset.{how.value}", custody.pk)
    assert Outbox.objects.filter(kind=f"handset.{how.value}", to__in=[keeper, officer]).count() == 2


def test_somebody_without_a_handset_has_none_to_report(officer: Person) -> None:
    with pytest.raises(HoldsNone):
        losing.report_missing(holder=officer, how=Ending.LOST)


def test_who_lost_it_may_claim_another(officer: Person) -> None:
    take(officer)
    losing.report_missing(holder=officer, how=Ending.LOST)
    assert take(officer, HandsetFactory()).holder == officer


def test_the_last_holder_finds_it_and_holds_it_again_under_the_same_terms(officer: Person) -> None:
    keeper, before = stores(), take(officer)
    losing.report_missing(holder=officer, how=Ending.LOST)
    again = losing.find(finder=officer, handset_id=before.handset_id)
    assert (Custody.objects.open().get(), again.terms_id) == (again, before.terms_id)
    assert Handset.objects.get().state == State.CLAIMED
    assert Outbox.objects.filter(to=keeper, kind="handset.found").exists()
    receipt = Outbox.objects.get(to=officer, kind="receipt.ready")
    assert receipt.body.startswith(f"You found handset {again.handset.asset_tag} again.")


def test_a_handset_lost_twice_is_told_twice(officer: Person) -> None:
    keeper, custody = stores(), take(officer)
    for _ in range(2):
        losing.report_missing(holder=officer, how=Ending.LOST)
        losing.find(finder=officer, handset_id=custody.handset_id)
    assert Outbox.objects.filter(to=keeper, kind="handset.lost").count() == 2


def test_a_colleague_cannot_find_it_into_their_own_name(officer: Person, colleague: Person) -> None:
    handset = take(officer).handset
    losing.report_missing(holder=officer, how=Ending.LOST)
    with pytest.raises(WrongState):
        losing.find(finder=colleague, handset_id=handset.pk)


def test_who_has_a_new_handset_gives_the_found_one_to_stores(officer: Person) -> None:
    handset = take(officer).handset
    losing.report_missing(holder=officer, how=Ending.STOLEN)
    take(officer)
    with pytest.raises(HoldsAnother):
        losing.find(finder=officer, handset_id=handset.pk)
    assert storing.confirm_return(by=stores(), handset_id=handset.pk).state == State.RETURNED


def test_a_handset_that_is_not_missing_cannot_be_found(officer: Person) -> None:
    with pytest.raises(WrongState):
        losing.find(finder=officer, handset_id=take(officer).handset_id)


def test_stores_mark_missing_only_what_nobody_holds(officer: Person) -> None:
    keeper = stores()
    assert losing.mark_missing(by=keeper, handset_id=HandsetFactory().pk, how=Ending.LOST).state == State.LOST
    with pytest.raises(WrongState):
        losing.mark_missing(by=keeper, handset_id=take(officer).handset_id, how=Ending.LOST)


def test_only_a_missing_handset_whose_last_holder_this_was_is_theirs_to_find(officer: Person, colleague: Person) -> None:
    handset = take(officer).handset
    storing.confirm_return(by=colleague, handset_id=handset.pk)
    storing.sanitise(by=colleague, handset_id=handset.pk)
    storing.put_in_stock(by=colleague, handset_id=handset.pk)
    take(colleague, handset)
    losing.report_missing(holder=colleague, how=Ending.LOST)
    assert list(Handset.objects.lost_by(colleague)) == [handset]
    assert not Handset.objects.lost_by(officer).exists()


def test_a_loss_that_cannot_be_recorded_did_not_happen(officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("out of order")

    take(officer)
    monkeypatch.setattr("devices.telling.put_all", fail)
    with pytest.raises(OSError, match="out of order"):
        losing.report_missing(holder=officer, how=Ending.LOST)
    assert (Handset.objects.get().state, Custody.objects.open().count(), Fact.objects.of_kind("handset.lost").count()) == (
        State.CLAIMED,
        1,
        0,
    )

"""The verb: who may claim what, and what is left behind when they may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db.models import F

from devices import claiming, losing, returning, storing
from devices.claiming import claim, report_in_hand
from devices.models import Custody, Discrepancy, Ending, Handset, Oddity, State, Terms, WrongTry
from devices.refusals import AlreadyYours, HoldsAnother, NotYours, Refused, TermsChanged, TooManyTries, UnknownTag, WrongDigits
from devices.tests.factories import HandsetFactory, allotted, stores, take
from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact

pytestmark = pytest.mark.django_db


def attempt(holder: Person, handset: Handset, **changed: Any) -> Custody:
    given = {"asset_tag": handset.asset_tag, "last_four": handset.imei[-4:], "terms_id": Terms.objects.latest("id").pk}
    return claim(holder=holder, **{**given, **changed})


def wrong(handset: Handset) -> str:
    return f"{(int(handset.imei[-4:]) + 1) % 10000:04d}"


def test_an_officer_claims_the_handset_allotted_to_them(officer: Person) -> None:
    handset = allotted(officer)
    custody = attempt(officer, handset)
    handset.refresh_from_db()
    assert (handset.state, Custody.objects.open().get()) == (State.CLAIMED, custody)
    assert (custody.holder, custody.terms) == (officer, Terms.objects.latest("id"))


def test_an_officer_claims_a_handset_in_stock_that_is_allotted_to_nobody(officer: Person) -> None:
    handset = HandsetFactory()
    attempt(officer, handset)
    handset.refresh_from_db()
    assert (handset.state, handset.allotted_to) == (State.CLAIMED, officer)


def test_a_claim_is_one_fact_that_names_the_custody_and_the_terms_accepted(officer: Person) -> None:
    custody = attempt(officer, allotted(officer))
    fact = Fact.objects.for_subject(custody.handset.subject).get()
    assert (fact.kind, fact.actor) == ("handset.claimed", f"person:{officer.pk}")
    assert fact.data["custody"] == custody.pk
    assert fact.data["terms_sha256"] == sha256(custody.terms.text.encode()).hexdigest()


def test_the_holder_is_told_of_the_claim(officer: Person) -> None:
    custody = attempt(officer, allotted(officer))
    assert Outbox.objects.get(to=officer).subject == f"You claimed handset {custody.handset.asset_tag}"


def test_the_asset_tag_may_be_typed_in_small_letters(officer: Person) -> None:
    handset = allotted(officer)
    assert attempt(officer, handset, asset_tag=f" {handset.asset_tag.lower()} ").handset == handset


def test_officer_cannot_claim_a_handset_held_by_a_colleague(officer: Person, colleague: Person) -> None:
    handset = take(colleague).handset
    with pytest.raises(NotYours) as refused:
        attempt(officer, handset)
    assert (refused.value.oddity, refused.value.ask) == (Oddity.HELD, colleague)
    assert Custody.objects.open().get().holder == colleague


def test_a_discrepancy_is_opened_once_however_often_they_try(officer: Person, colleague: Person) -> None:
    keeper, handset = stores(), take(colleague).handset
    for _ in range(2):
        with pytest.raises(NotYours):
            attempt(officer, handset)
    discrepancy = Discrepancy.objects.get()
    assert (discrepancy.reported_by, discrepancy.what) == (officer, Oddity.HELD)
    assert Outbox.objects.filter(to=keeper, kind="discrepancy.opened").count() == 1
    assert Outbox.objects.filter(to=colleague, kind="handset.elsewhere").count() == 1
    assert Fact.objects.for_subject(handset.subject).of_kind("discrepancy.opened").count() == 1


def test_a_handset_allotted_to_somebody_else_names_them_and_is_a_discrepancy(officer: Person, colleague: Person) -> None:
    with pytest.raises(NotYours) as refused:
        attempt(officer, allotted(colleague))
    assert (refused.value.oddity, refused.value.ask) == (Oddity.ALLOTTED, colleague)
    assert Discrepancy.objects.get().what == Oddity.ALLOTTED


@pytest.mark.parametrize(
    ("state", "oddity"),
    [
        (State.LOST, Oddity.MISSING),
        (State.STOLEN, Oddity.MISSING),
        (State.RETURNED, Oddity.NOT_READY),
        (State.SANITISED, Oddity.NOT_READY),
        (State.RETIRED, Oddity.RETIRED),
    ],
)
def test_a_handset_out_of_use_cannot_be_claimed_and_stores_are_told(officer: Person, state: str, oddity: str) -> None:
    with pytest.raises(NotYours) as refused:
        attempt(officer, HandsetFactory(state=state))
    assert refused.value.oddity == Discrepancy.objects.get().what == oddity


def test_nobody_holds_two_handsets(officer: Person) -> None:
    first, second = take(officer).handset, HandsetFactory()
    with pytest.raises(HoldsAnother) as refused:
        attempt(officer, second)
    second.refresh_from_db()
    assert (refused.value.handset, second.state) == (first, State.IN_STOCK)


def test_claiming_it_again_changes_nothing(officer: Person) -> None:
    custody = take(officer)
    with pytest.raises(AlreadyYours) as refused:
        attempt(officer, custody.handset)
    assert refused.value.custody == custody
    assert Fact.objects.for_subject(custody.handset.subject).count() == 1


def test_an_unknown_tag_is_refused(officer: Person) -> None:
    with pytest.raises(UnknownTag):
        attempt(officer, HandsetFactory(), asset_tag="MPS-NONE")


def test_wrong_digits_are_refused_and_counted(officer: Person) -> None:
    handset = allotted(officer)
    with pytest.raises(WrongDigits):
        attempt(officer, handset, last_four=wrong(handset))
    assert WrongTry.objects.get().person == officer


def test_after_five_wrong_tries_even_the_right_digits_must_wait_a_quarter_of_an_hour(officer: Person) -> None:
    handset = allotted(officer)
    for _ in range(claiming.TRIES):
        with pytest.raises(WrongDigits):
            attempt(officer, handset, last_four=wrong(handset))
    with pytest.raises(TooManyTries):
        attempt(officer, handset)
    WrongTry.objects.update(at=F("at") - timedelta(minutes=16))
    assert attempt(officer, handset).holder == officer


def test_a_colleagues_wrong_tries_do_not_count(officer: Person, colleague: Person) -> None:
    handset = allotted(officer)
    WrongTry.objects.bulk_create(WrongTry(person=colleague) for _ in range(claiming.TRIES))
    assert attempt(officer, handset).holder == officer


def test_terms_that_changed_meanwhile_must_be_read_again(officer: Person) -> None:
    handset, read = allotted(officer), Terms.objects.latest("id")
    Terms.objects.create(text="Something new.")
    with pytest.raises(TermsChanged):
        attempt(officer, handset, terms_id=read.pk)
    assert not Custody.objects.exists()


def test_a_returned_and_restocked_handset_is_claimed_by_the_next(officer: Person, colleague: Person) -> None:
    keeper, handset = stores(), take(officer).handset
    returning.hand_back(holder=officer)
    for verb in (storing.confirm_return, storing.sanitise, storing.put_in_stock):
        verb(by=keeper, handset_id=handset.pk)
    assert attempt(colleague, handset).holder == colleague


def test_somebody_who_finds_a_lost_handset_tells_stores_with_its_digits(officer: Person, colleague: Person) -> None:
    handset = take(colleague).handset
    losing.report_missing(holder=colleague, how=Ending.LOST)
    refused = report_in_hand(person=officer, asset_tag=handset.asset_tag, last_four=handset.imei[-4:])
    assert refused is not None
    assert (refused.oddity, Discrepancy.objects.get().reported_by) == (Oddity.MISSING, officer)


def test_a_handset_that_may_be_claimed_is_no_discrepancy(officer: Person) -> None:
    handset = allotted(officer)
    assert report_in_hand(person=officer, asset_tag=handset.asset_tag, last_four=handset.imei[-4:]) is None
    assert not Discrepancy.objects.exists()


@pytest.mark.parametrize("broken", ["devices.claiming.append", "devices.telling.put_all"])
def test_a_failure_in_record_or_notices_leaves_nothing_half_written(officer: Person, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    handset = allotted(officer)

    def fail(*_: object, **__: object) -> None:
        raise OSError("out of order")

    monkeypatch.setattr(broken, fail)
    with pytest.raises(OSError, match="out of order"):
        attempt(officer, handset)
    handset.refresh_from_db()
    left = (handset.state, Custody.objects.count(), Fact.objects.for_subject(handset.subject).count(), Outbox.objects.count())
    assert left == (State.ALLOTTED, 0, 0, 0)


@pytest.mark.parametrize("broken", ["devices.discrepancies.append", "devices.telling.put_all"])
def test_a_discrepancy_that_cannot_be_told_is_not_opened(
    officer: Person, colleague: Person, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    handset = take(colleague).handset

    def fail(*_: object, **__: object) -> None:
        raise OSError("out of order")

    monkeypatch.setattr(broken, fail)
    with pytest.raises(OSError, match="out of order"):
        attempt(officer, handset)
    assert not Discrepancy.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_claim_at_once_one_wins_and_the_other_is_told_whom_to_ask(together: Callable[..., list[Any]]) -> None:
    handset, people = HandsetFactory(), [PersonFactory(), PersonFactory()]
    outcomes = together(*(lambda person=person: attempt(person, handset) for person in people))
    won = [one for one in outcomes if isinstance(one, Custody)]
    refused = [one for one in outcomes if isinstance(one, NotYours)]
    assert (len(won), len(refused)) == (1, 1)
    assert refused[0].ask == won[0].holder == Custody.objects.open().get().holder
    assert Discrepancy.objects.get().reported_by != won[0].holder
    assert [fact.kind for fact in Fact.objects.for_subject(handset.subject)] == ["handset.claimed", "discrepancy.opened"]


@pytest.mark.django_db(transaction=True)
def test_one_officer_who_claims_two_handsets_at_once_gets_one(together: Callable[..., list[Any]]) -> None:
    person, handsets = PersonFactory(), [HandsetFactory(), HandsetFactory()]
    outcomes = together(*(lambda handset=handset: attempt(person, handset) for handset in handsets))
    assert sum(isinstance(one, Custody) for one in outcomes) == 1
    assert sum(isinstance(one, HoldsAnother) for one in outcomes) == 1
    assert sorted(Handset.objects.values_list("state", flat=True)) == [State.CLAIMED, State.IN_STOCK]


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_twice_claims_once(together: Callable[..., list[Any]]) -> None:
    person = PersonFactory()
    handset = allotted(person)
    outcomes = together(*(lambda: attempt(person, handset) for _ in range(3)))
    assert sum(isinstance(one, Custody) for one in outcomes) == 1
    assert sum(isinstance(one, AlreadyYours) for one in outcomes) == 2
    assert all(isinstance(one, (Custody, Refused)) for one in outcomes)

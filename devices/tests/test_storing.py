from __future__ import annotations

from collections.abc import Callable

import pytest

from devices import storing
from devices.models import MOVES, Handset, State
from devices.refusals import TheyHoldAnother, WrongState
from devices.tests.factories import HandsetFactory, allotted, stores, take
from portal.notices.models import Outbox
from portal.people.models import Person
from portal.record.models import Fact

pytestmark = pytest.mark.django_db
Verb = Callable[..., Handset]

VERBS: list[tuple[Verb, str, str]] = [
    (storing.sanitise, State.SANITISED, "handset.sanitised"),
    (storing.put_in_stock, State.IN_STOCK, "handset.stocked"),
    (storing.retire, State.RETIRED, "handset.retired"),
]


@pytest.mark.parametrize(("verb", "after", "kind"), VERBS)
@pytest.mark.parametrize("before", [State.IN_STOCK, State.RETURNED, State.SANITISED, State.LOST, State.RETIRED])
def test_each_step_is_taken_from_its_own_states_and_refused_from_others(verb: Verb, after: str, kind: str, before: str) -> None:
    handset = HandsetFactory(state=before)
    if after in MOVES[before]:
        verb(by=stores(), handset_id=handset.pk)
        assert Fact.objects.for_subject(handset.subject).get().kind == kind
    else:
        with pytest.raises(WrongState, match=handset.asset_tag):
            verb(by=stores(), handset_id=handset.pk)
        assert not Fact.objects.for_subject(handset.subject).exists()


def test_the_person_it_is_allotted_to_is_told_where_to_claim_it(officer: Person) -> None:
    handset = HandsetFactory()
    storing.allot(by=stores(), handset_id=handset.pk, to=officer)
    assert Handset.objects.allotted_to(officer).get() == handset
    assert Outbox.objects.get(to=officer).link == f"/handset/claim/{handset.asset_tag}/"


def test_a_second_allotment_to_the_same_person_is_told_again(officer: Person) -> None:
    handset, keeper = HandsetFactory(), stores()
    for _ in range(2):
        storing.allot(by=keeper, handset_id=handset.pk, to=officer)
        storing.put_in_stock(by=keeper, handset_id=handset.pk)
    assert Outbox.objects.filter(to=officer).count() == 2


def test_nothing_is_allotted_to_somebody_who_holds_a_handset(officer: Person) -> None:
    take(officer)
    with pytest.raises(TheyHoldAnother):
        storing.allot(by=stores(), handset_id=HandsetFactory().pk, to=officer)


def test_taking_an_allotment_back_frees_the_handset(officer: Person) -> None:
    handset = storing.put_in_stock(by=stores(), handset_id=allotted(officer).pk)
    assert (handset.state, handset.allotted_to) == (State.IN_STOCK, None)


def test_a_held_handset_cannot_be_retired(officer: Person) -> None:
    with pytest.raises(WrongState):
        storing.retire(by=stores(), handset_id=take(officer).handset_id)


@pytest.mark.parametrize("state", State.values)
def test_buttons_are_shown_for_the_moves_in_the_table(officer: Person, state: str) -> None:
    shown = storing.steps(HandsetFactory(state=state, allotted_to=officer))
    assert ("retire" in shown) == (State.RETIRED in MOVES[state])
    assert ("confirm-return" in shown) == (State.RETURNED in MOVES[state])
    assert not (state in (State.CLAIMED, State.RETURNING) and shown & {"lost", "stolen"})

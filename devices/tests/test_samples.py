from __future__ import annotations

import pytest

from devices import samples
from devices.models import Custody, Handset, RolloutPlan, State
from devices.tests.factories import HandsetFactory, allotted
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact

pytestmark = pytest.mark.django_db


def test_the_demonstration_claims_as_people_do_and_leaves_some_to_try(officer: Person) -> None:
    left = allotted(officer)
    for _ in range(3):
        allotted(PersonFactory())
    HandsetFactory()
    assert samples.install(claims=2, leave=frozenset({officer.number})) == 2
    assert Custody.objects.open().count() == Fact.objects.of_kind("handset.claimed").count() == 2
    assert Handset.objects.in_state(State.ALLOTTED).filter(pk=left.pk).exists()


def test_the_plan_is_written_once(officer: Person) -> None:
    allotted(officer)
    samples.install(claims=0)
    samples.install(claims=0)
    assert RolloutPlan.objects.count() == samples.WEEKS
    assert {plan.week_starting.weekday() for plan in RolloutPlan.objects.all()} == {0}

"""Auditors hear of a witness that contradicts the record, and of a quorum that is not reached for long: once an episode."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.auth.models import Group
from django.utils import timezone

from portal.notices.models import Outbox
from portal.people.models import Role
from portal.people.tests.factories import PersonFactory
from portal.record.notes import COSIGNATURE, public_key
from portal.witness.models import Standing
from portal.witness.policy import Policy, parse_policy
from portal.witness.standing import Outcome, note_outcomes
from portal.witness.telling import last_met, tell_of_quorum

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
SPLIT = "it has cosigned another root for this size"
KEYS = [public_key(f"w{n}.example", COSIGNATURE, Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2, 3)]


@pytest.fixture
def policy() -> Policy:
    witnesses = "".join(f"witness W{number} {key}\n" for number, key in enumerate(KEYS, 1))
    return parse_policy(f"{witnesses}group G 2 W1 W2 W3\nquorum G\n".encode())


@pytest.fixture(autouse=True)
def auditor() -> None:
    PersonFactory().groups.add(Group.objects.get(name=Role.AUDITOR))
    PersonFactory()


def answered(*, trouble: str = "", alert: bool = False, at: datetime | None = None, name: str = "w1.example") -> None:
    note_outcomes([Outcome(name, 7, at, trouble=trouble, alert=alert)], kind=Standing.Kind.WITNESS, origin="log.example/record")


def told() -> list[str]:
    return list(Outbox.objects.filter(kind__startswith="record.").order_by("pk").values_list("kind", flat=True))


def test_a_witness_that_contradicts_the_record_is_told_of_once_however_often_it_does() -> None:
    for _ in range(3):
        answered(trouble=SPLIT, alert=True)
    assert told() == ["record.witness_alarm"]
    assert SPLIT in Outbox.objects.get().body


def test_an_alarm_after_it_signed_again_is_another_episode() -> None:
    answered(trouble=SPLIT, alert=True)
    answered(at=AT)
    answered(trouble="it could not be reached")
    answered(trouble=SPLIT, alert=True)
    answered(trouble=SPLIT, alert=True)
    assert told() == ["record.witness_alarm"] * 2


def test_a_witness_that_is_away_is_no_alarm() -> None:
    answered(trouble="it could not be reached")
    assert told() == []


def test_the_quorum_was_last_met_when_its_last_witness_but_one_signed(policy: Policy) -> None:
    signed = {"w1.example": AT, "w2.example": AT - timedelta(hours=2), "w3.example": AT - timedelta(hours=5), "other.example": AT}
    assert last_met(policy, signed) == AT - timedelta(hours=2)
    assert last_met(policy, {"w1.example": AT}) is None


def test_a_quorum_that_is_not_reached_for_an_hour_is_told_of_once(policy: Policy) -> None:
    now = timezone.now()
    answered(at=now)
    answered(at=now - timedelta(minutes=50), name="w2.example")
    tell_of_quorum(policy)
    assert told() == []
    Standing.objects.filter(name="w2.example").update(at=now - timedelta(minutes=70))
    for _ in range(2):
        tell_of_quorum(policy)
    assert told() == ["record.quorum_missed"]


def test_where_no_witness_counts_none_is_missed(policy: Policy) -> None:
    tell_of_quorum(replace(policy, quorum="none"))
    assert told() == []

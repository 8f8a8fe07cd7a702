from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from portal.notices.models import Outbox
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.record import nightly, places, standing, state
from portal.record.keeping import Keeper
from portal.record.models import Fact
from portal.record.schedule import BEAT
from portal.record.tasks import verify_nightly

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def auditors() -> list[Person]:
    people: list[Person] = [PersonFactory(is_active=n < 2) for n in range(3)]
    for person in people:
        person.groups.add(Group.objects.get_or_create(name=Role.AUDITOR)[0])
    PersonFactory()
    return people


def spoil(owner: Any) -> None:
    owner.execute("ALTER TABLE record_fact DISABLE TRIGGER record_fact_keep")
    owner.execute("UPDATE record_fact SET actor = 'person:other' WHERE leaf_index = 1")


def test_a_record_that_agrees_leaves_a_fact_and_tells_nobody(keeper: Keeper, auditors: list[Person], client: Client) -> None:
    keeper.round()
    assert verify_nightly() is True
    fact = Fact.objects.get(kind="record.verified")
    assert (fact.subject, fact.actor, fact.data["ok"], fact.data["size"], fact.data["found"]) == (
        "record:checks",
        "process:nightly",
        True,
        2,
        "",
    )
    assert len(fact.data["root"]) == 64
    assert not Outbox.objects.exists()
    assert "all 2 agreed" in client.get("/record/").content.decode()


def test_a_mismatch_is_told_to_every_active_auditor_once_a_day(
    keeper: Keeper, auditors: list[Person], owner_connection: Any, client: Client
) -> None:
    keeper.round()
    spoil(owner_connection)
    assert verify_nightly() is False
    assert verify_nightly() is False
    told = Outbox.objects.filter(kind="record.disagrees")
    assert {notice.to for notice in told} == set(auditors[:2])
    assert told.count() == 2
    assert "at place 1 of the tree) does not have the hash of its leaf" in told[0].body
    assert told[0].link == "/record/"
    facts = Fact.objects.filter(kind="record.verified").order_by("id")
    assert [(fact.data["ok"], fact.data["found"], fact.data["size"]) for fact in facts] == [(False, "hash", 2)] * 2
    assert "does not agree with itself" in client.get("/record/").content.decode()


def test_it_is_done_while_the_portal_is_read_only(keeper: Keeper, auditors: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.round()
    signed = state.read(places.state())
    further = state.Signed(signed.shard, signed.size + 1, signed.root, signed.at, signed.note)
    monkeypatch.setattr(state, "read", lambda _path: further)
    standing.forget()
    verify_nightly()
    assert Outbox.objects.filter(kind="record.disagrees").count() == 2
    assert not Fact.objects.filter(kind="record.verified").exists(), "a read-only portal appends nothing"
    standing.forget()


def test_before_the_first_check_the_page_says_nothing_of_it(keeper: Keeper, client: Client) -> None:
    keeper.round()
    assert nightly.last() is None
    assert "read again" not in client.get("/record/").content.decode()


def test_it_runs_every_night() -> None:
    entry = BEAT["record.verify_nightly"]
    assert (verify_nightly.name, entry["schedule"].hour, entry["schedule"].minute) == ("record.verify_nightly", {3}, {15})

"""The short form of `make tamper`: every operation and every kind of fact, some hundreds of mutations."""

from __future__ import annotations

from typing import Any

import pytest

from portal.record import published
from portal.record.keeping import Keeper
from tests.tamper import mutations, record, trying

pytestmark = pytest.mark.django_db(transaction=True)
TRIED = 320


def test_a_superuser_cannot_change_the_record_unseen(keeper: Keeper, owner_connection: Any) -> None:
    held = record.build(keeper)
    keys = published.trusted_keys()
    with owner_connection.transaction():
        alone, helped = trying.judge(owner_connection, keys, [held], "")
    assert alone.good, alone.sentences
    assert helped.good, helped.sentences
    trying.disarm(owner_connection)
    every = mutations.all_of(owner_connection)
    chosen = mutations.sample(every, TRIED)
    tally = trying.attack(owner_connection, chosen, keys, held)
    assert (tally.missed, tally.exporter) == ([], [])
    assert tally.signed + tally.rows == tally.tried
    assert tally.tried >= 300
    assert {one.how for one in chosen} == {one.how for one in every}
    assert {one.what for one in chosen} >= set(record.kinds())

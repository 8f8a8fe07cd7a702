from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from portal.record.appending import Entry, append, append_all, process_actor
from portal.record.models import Fact, TreeHead
from portal.record.sequencing import LOCK, sequence
from portal.record.tree import EMPTY_ROOT, Frontier, leaf_hash, node_hash

ACTOR = process_actor("test")


def root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_by_definition(leaves[:split]), root_by_definition(leaves[split:]))


@given(st.lists(st.binary(max_size=4), max_size=70), st.integers(0, 70))
def test_a_frontier_grows_to_the_root_of_the_definition(values: list[bytes], pause: int) -> None:
    leaves = [leaf_hash(value) for value in values]
    frontier = Frontier()
    for place, leaf in enumerate(leaves):
        if place == pause:
            frontier = Frontier(frontier.size, bytes(frontier))
        frontier.push(leaf)
    assert frontier.root() == root_by_definition(leaves)


def test_the_roots_are_those_of_the_rfc_6962_test_vectors() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    frontier = Frontier()
    for value in inputs:
        frontier.push(leaf_hash(bytes.fromhex(value)))
    assert frontier.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="perfect subtrees"):
        Frontier(3, bytes(32))


@pytest.mark.django_db(transaction=True)
def test_facts_get_places_without_gaps_batch_after_batch(sequencer_connection: psycopg.Connection[Any]) -> None:
    for start in (0, 5):
        with transaction.atomic():
            append_all([Entry(kind="report.added", subject=f"report:{n}", actor=ACTOR) for n in range(start, start + 5)])
        while sequence(sequencer_connection, most=2):
            pass
    assert list(Fact.objects.sequenced().values_list("leaf_index", flat=True)) == [*range(10)]
    last = TreeHead.objects.order_by("-size")[0]
    assert (last.size, bytes(last.root)) == (10, root_by_definition([bytes(fact.leaf_hash) for fact in Fact.objects.sequenced()]))


@pytest.mark.django_db(transaction=True)
def test_a_fact_that_commits_late_is_not_lost(second_connection: Any, sequencer_connection: psycopg.Connection[Any]) -> None:
    insert = "INSERT INTO record_fact (kind, subject, actor, facts, sealed) VALUES ('report.sent', 'report:late', 'process:x', '{}', '{}')"
    second_connection.set_autocommit(False)
    with second_connection.cursor() as cursor:
        cursor.execute(insert)
    with transaction.atomic():
        early = append(kind="report.sent", subject="report:early", actor=ACTOR)
    assert sequence(sequencer_connection) == 1
    second_connection.commit()
    assert sequence(sequencer_connection) == 1
    late = Fact.objects.get(subject="report:late")
    assert late.pk < early.pk
    assert late.leaf_index == 1


@pytest.mark.django_db(transaction=True)
def test_two_sequencers_never_work_at_once(sequencer_connection: psycopg.Connection[Any]) -> None:
    with transaction.atomic():
        append(kind="report.sent", subject="report:a", actor=ACTOR)
    with psycopg.connect(settings.DATABASE_SEQUENCER_URL) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        assert sequence(sequencer_connection) == 0
    assert sequence(sequencer_connection) == 1

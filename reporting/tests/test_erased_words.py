from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from portal.people.models import Person
from portal.record import published
from portal.record.keeping import Keeper
from portal.record.models import Fact
from portal.record.verifier.candour_verify import verify_receipt
from portal.requests.reasons import reason_of
from portal.vault.models import Item
from portal.vault.sealing import Erased, commitment, open_all, open_sealed
from reporting import contents
from reporting.choices import Excluded
from reporting.erasure import erasing
from reporting.tests.browsing import signed_in
from reporting.tests.erasures import WORD, a_life, asked, closed, erased, found_in_tables, found_on_disk
from reporting.tests.making import chain, looks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]


def test_after_an_erasure_the_words_are_nowhere_and_what_was_sealed_is_gone(
    one: Person, other: Person, owner_connection: Any, folder: Path
) -> None:
    report = a_life(one)
    needles = [WORD.encode()]
    assert {name for name in open_sealed(report.container) if WORD.encode() in open_sealed(report.container, name)[name]} >= {"others"}
    assert sum(WORD.encode() in value for value in open_sealed(report.container).values()) >= 10
    assert found_in_tables(owner_connection, *needles) == []
    assert found_on_disk(*needles) == []
    salts = [opened.salt for opened in open_all(report.container).values()]
    sealed = [bytes(item.sealed) for item in Item.objects.filter(container_id=report.container) if item.sealed]
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
    assert found_in_tables(owner_connection, sealed[0]) == ["vault_item.sealed"]

    erased(report, one, other)

    assert found_in_tables(owner_connection, *needles, *salts, sealed[0], sealed[-1]) == []
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert not Item.objects.filter(container_id=report.container).exists()
    with pytest.raises(Erased):
        contents.read(report)
    with pytest.raises(Erased):
        open_all(report.container)


def test_an_accusation_goes_with_the_words(one: Person, other: Person, owner_connection: Any) -> None:
    report = a_life(one)
    keys = [str(report.exclusions.get(why=why).person_id).encode() for why in (Excluded.SENDER, Excluded.FOUND)]
    tables = found_in_tables(owner_connection, *keys)
    assert {"reporting_exclusion.person_id", "reporting_duty.skipped", "reporting_conflict.person_id"} <= set(tables)
    erased(report, one, other)
    assert set(found_in_tables(owner_connection, *keys)) == {"people_person.id"}
    assert list(report.exclusions.values_list("why", flat=True)) == [Excluded.REPORTER]


def test_facts_chain_tree_and_commitments_stand(one: Person, other: Person, keeper: Keeper) -> None:
    report = a_life(one)
    keeper.round()
    before = {fact.pk: bytes(fact.leaf_hash) for fact in Fact.objects.all()}
    leaf = Fact.objects.for_subject(report.subject).of_kind("report.sent").get()
    was = open_all(report.container, "message")["message"]
    assert commitment(was.salt, was.value) == json.loads(leaf.sealed)["message"]
    erased(report, one, other)
    keeper.round()
    after = {fact.pk: bytes(fact.leaf_hash) for fact in Fact.objects.filter(pk__in=before)}
    assert after == before
    call_command("verify_record")  # raises for a record that disagrees with itself
    assert (looks(report)[-1], chain(report)[-1]) == ("erasure.asked", "report.erased")
    assert commitment(was.salt, was.value) == json.loads(leaf.sealed)["message"]  # whoever kept salt and value can still show it


def test_the_reason_is_sealed_apart_and_outlives_the_report(one: Person, other: Person, owner_connection: Any) -> None:
    report = closed()
    erasure = asked(report, one, reason=WORD)
    assert found_in_tables(owner_connection, WORD.encode()) == []
    erasing.erase(person=other, key=erasure.pk, reference=report.reference)
    assert reason_of(erasure) == WORD


def test_a_receipt_had_before_and_one_had_after_both_verify(one: Person, other: Person, keeper: Keeper) -> None:
    report = a_life(one)
    sent = Fact.objects.for_subject(report.subject).of_kind("report.sent").get()
    client = signed_in(report.reporter)
    keeper.round()
    before = client.get(f"/receipts/{sent.pk}/download").content
    erased(report, one, other)
    keeper.round()
    after = client.get(f"/receipts/{sent.pk}/download").content
    for receipt in (before, after):
        verdict = verify_receipt(receipt, keys=published.trusted_keys())
        assert verdict.good, verdict.sentences
    assert base64.b64decode(json.loads(before)["disclosed"]["message"]["value"]) == b"The words of the message."
    assert json.loads(after)["disclosed"] == {}

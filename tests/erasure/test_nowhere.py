"""After an erasure the words are nowhere, a paper that lay with them is gone too, and everything on the record verifies as before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from guidance.acknowledging import acknowledge
from guidance.models import Version
from portal.receipts.models import Copy
from portal.receipts.paper import copies
from portal.record import published
from portal.record.keeping import Keeper
from portal.record.models import Fact
from portal.record.verifier.candour_verify import verify_receipt
from portal.vault.files import store_file
from portal.vault.models import Item
from portal.vault.sealing import commitment, open_all
from reporting.tests.erasures import found_in_tables, found_on_disk
from tests.erasure.conftest import WORD, Case, a_question
from tests.erasure.test_erasing import erased

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.VAULT_FILES = tmp_path / "vault"
    return tmp_path / "vault"


def test_words_salts_and_papers_are_nowhere(case: Case, owner_connection: Any, folder: Path) -> None:
    copy = Copy.objects.create(person=case.reader, kind="receipt", key="1", container=case.container)
    with transaction.atomic():
        store_file(container=case.container, name=copy.item, chunks=[WORD.encode()])
    Copy.objects.filter(pk=copy.pk).update(state="made", made_at=copy.wanted_at)
    assert copies.ready(person=case.reader, kind="receipt", key="1") == WORD.encode()
    salts = [opened.salt for opened in open_all(case.container, *names_of(case)).values()]
    sealed = [bytes(item.sealed) for item in Item.objects.filter(container_id=case.container) if item.sealed]
    assert found_in_tables(owner_connection, WORD.encode()) == []
    assert found_in_tables(owner_connection, sealed[0]) == ["vault_item.sealed"]
    erased(case)
    assert found_in_tables(owner_connection, WORD.encode(), *salts, *sealed) == []
    assert found_on_disk(WORD.encode()) == []
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert copies.ready(person=case.reader, kind="receipt", key="1") is None


def names_of(case: Case) -> list[str]:
    return {"question": ["question", "answer"], "discrepancy": ["note"]}[case.kind]


def test_facts_chains_and_the_tree_stand(case: Case, keeper: Keeper) -> None:
    keeper.round()
    before = {fact.pk: bytes(fact.leaf_hash) for fact in Fact.objects.all()}
    opened = open_all(case.container)
    said = {name: value for fact in Fact.objects.for_subject(case.subject) for name, value in json.loads(fact.sealed).items()}
    assert said == {name: commitment(one.salt, one.value) for name, one in opened.items()}
    erased(case)
    keeper.round()
    assert {fact.pk: bytes(fact.leaf_hash) for fact in Fact.objects.filter(pk__in=before)} == before
    call_command("verify_record")  # raises for a record that disagrees with itself


def test_a_receipt_of_the_same_chain_verifies_after_an_erasure(client: Client, keeper: Keeper) -> None:
    case = a_question()
    version = Version.objects.get()
    acknowledge(person=case.reader, slug="code", version_id=version.pk, text_hash=version.text_hash)
    keeper.round()
    fact = Fact.objects.for_subject(case.subject).of_kind("guidance.acknowledged").get()
    client.force_login(case.reader)
    kept = client.get(f"/receipts/{fact.pk}/download").content
    erased(case)
    keeper.round()
    for receipt in (kept, client.get(f"/receipts/{fact.pk}/download").content):
        verdict = verify_receipt(receipt, keys=published.trusted_keys())
        assert verdict.good, verdict.sentences
    assert client.get(f"/receipts/{fact.pk}/").status_code == 200

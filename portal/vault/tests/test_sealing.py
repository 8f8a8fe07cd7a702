from __future__ import annotations

import uuid

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from portal.vault import keys
from portal.vault.models import Container, Item
from portal.vault.sealing import Erased, Missing, commitment, erase, open_all, open_container, open_sealed, read_text, seal

pytestmark = pytest.mark.django_db


@pytest.fixture
def container() -> uuid.UUID:
    return open_container(purpose="report")


@pytest.mark.parametrize("value", ["What it said", "", "🚓 مرحبا", "x" * 100_000])
def test_what_is_sealed_is_read_back(container: uuid.UUID, value: str) -> None:
    seal(container=container, values={"message": value})
    assert read_text(container) == {"message": value}


def test_the_commitment_is_an_hmac_of_the_value_under_its_salt(container: uuid.UUID) -> None:
    given = seal(container=container, values={"message": "What it said", "other": b"What it said"})
    opened = open_all(container)
    assert given["message"] == commitment(opened["message"].salt, b"What it said")
    assert given["message"] != given["other"]


def test_nothing_readable_is_stored(container: uuid.UUID) -> None:
    seal(container=container, values={"message": "What it said"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(encode(sealed, 'escape') || encode(nonce, 'escape'), '') FROM vault_item")
        stored = cursor.fetchone()
    assert stored is not None
    assert "What it said" not in stored[0]


def test_a_name_sealed_again_reads_as_the_newest(container: uuid.UUID) -> None:
    seal(container=container, values={"draft": "one"})
    seal(container=container, values={"draft": "two"})
    assert open_sealed(container, "draft") == {"draft": b"two"}


def test_a_name_never_sealed_is_missing(container: uuid.UUID) -> None:
    with pytest.raises(Missing, match="message"):
        open_sealed(container, "message")


def test_erasing_leaves_nothing_to_open(container: uuid.UUID) -> None:
    seal(container=container, values={"message": "What it said"})
    erase(container)
    with pytest.raises(Erased):
        open_sealed(container)
    assert not Item.objects.exists()
    assert Container.objects.get().wrapped_key is None


def test_a_value_moved_to_another_name_or_container_does_not_open(container: uuid.UUID) -> None:
    seal(container=container, values={"message": "What it said"})
    Item.objects.update(name="shared")
    with pytest.raises(InvalidTag):
        open_sealed(container)


def test_another_master_key_is_named_as_the_fault(container: uuid.UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "master_key", lambda: AESGCM(bytes(32)))
    with pytest.raises(ImproperlyConfigured, match="not the key"):
        open_sealed(container)


@pytest.mark.django_db(transaction=True)
def test_sealing_needs_a_transaction() -> None:
    with transaction.atomic():
        container = open_container(purpose="report")
    with pytest.raises(RuntimeError):
        seal(container=container, values={"message": "x"})
    with pytest.raises(RuntimeError):
        erase(container)

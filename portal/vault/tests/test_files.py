from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from django.conf import LazySettings
from django.db import transaction

from portal.vault.files import PIECE_BYTES, open_digest, open_file, store_file
from portal.vault.sealing import SALT_BYTES, Erased, Missing, commitment, erase, open_container

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.VAULT_FILES = tmp_path
    return tmp_path


def store(content: bytes) -> uuid.UUID:
    with transaction.atomic():
        container = open_container(purpose="report")
        store_file(container=container, name="file-1", chunks=[content[:5], content[5:]])
    return container


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - SALT_BYTES, PIECE_BYTES - SALT_BYTES + 1, 3 * PIECE_BYTES + 17])
def test_a_file_comes_back_byte_for_byte(folder: Path, size: int) -> None:
    content = hashlib.shake_128(b"seed").digest(size)
    assert open_file(store(content), "file-1") == content


@pytest.mark.parametrize("size", [0, 1, 3 * PIECE_BYTES + 17])
def test_the_digest_and_salt_of_a_file_are_what_its_commitment_was_made_of(folder: Path, size: int) -> None:
    content = hashlib.shake_128(b"seed").digest(size)
    with transaction.atomic():
        container = open_container(purpose="report")
        kept = store_file(container=container, name="file-1", chunks=[content])
    opened = open_digest(container, "file-1")
    assert opened.value == hashlib.sha256(content).digest()
    assert commitment(opened.salt, opened.value) == kept


def test_what_lies_on_disk_is_not_the_file(folder: Path) -> None:
    store(b"What it said " * 100)
    (path,) = on_disk(folder)
    assert b"What it said" not in path.read_bytes()
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("change", ["flip", "cut", "drop last piece", "swap pieces"])
def test_a_file_changed_on_disk_does_not_open(folder: Path, change: str) -> None:
    container = store(bytes(2 * PIECE_BYTES))
    (path,) = on_disk(folder)
    whole = path.read_bytes()
    step = 4 + PIECE_BYTES + 16
    changed = {
        "flip": whole[:50] + bytes([whole[50] ^ 1]) + whole[51:],
        "cut": whole[:-1],
        "drop last piece": whole[: 2 * step],
        "swap pieces": whole[step : 2 * step] + whole[:step] + whole[2 * step :],
    }
    path.write_bytes(changed[change])
    with pytest.raises(InvalidTag):
        open_file(container, "file-1")


def test_erasing_takes_the_file_off_the_disk(folder: Path) -> None:
    container = store(b"x")
    with transaction.atomic():
        erase(container)
    assert on_disk(folder) == []
    with pytest.raises((Erased, Missing)):
        open_file(container, "file-1")


def test_an_erasure_that_is_rolled_back_keeps_the_file(folder: Path) -> None:
    container = store(b"x")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        erase(container)
        raise ZeroDivisionError
    assert open_file(container, "file-1") == b"x"

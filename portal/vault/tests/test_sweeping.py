from __future__ import annotations

import os
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.conf import settings as kept
from django.db import transaction

from portal.record.appending import append, process_actor
from portal.record.keeping import Keeper
from portal.vault.files import forget, open_file, store_file
from portal.vault.models import Container, Item
from portal.vault.sealing import erase, open_container
from portal.vault.sweeping import DatabaseBehind, Swept, sweep_files
from portal.vault.tasks import sweep

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = 7_200


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.VAULT_FILES = tmp_path / "vault"
    return tmp_path / "vault"


@pytest.fixture
def crash_after_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies between its commit and what was to follow."""
    monkeypatch.setattr(transaction, "on_commit", lambda *_given, **_options: None)


def stored(content: bytes = b"What it said", *, age: float = LONG_AGO) -> uuid.UUID:
    with transaction.atomic():
        container = open_container(purpose="report")
        store_file(container=container, name="file-1", chunks=[content])
    for path in on_disk():
        os.utime(path, (time.time() - age, time.time() - age))
    return container


def on_disk() -> list[Path]:
    return [path for path in Path(kept.VAULT_FILES).rglob("*") if path.is_file()]


def test_a_file_that_a_row_leads_to_stays() -> None:
    container = stored()
    assert sweep_files() == Swept(0, 0)
    assert open_file(container, "file-1") == b"What it said"


def test_a_crash_between_an_erasure_and_its_unlinking_is_mended(crash_after_commit: None) -> None:
    container, kept = stored(), stored(b"Kept")
    with transaction.atomic():
        erase(container)
    assert len(on_disk()) == 2
    assert sweep() == 1
    assert len(on_disk()) == 1
    assert open_file(kept, "file-1") == b"Kept"


def test_a_file_that_was_taken_back_goes_after_a_crash(crash_after_commit: None) -> None:
    container = stored()
    with transaction.atomic():
        forget(container=container, names=["file-1"])
    assert sweep_files() == Swept(1, 0)
    assert on_disk() == []


def test_a_file_whose_transaction_was_rolled_back_goes() -> None:
    container = stored()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        store_file(container=container, name="file-2", chunks=[b"x"])
        raise ZeroDivisionError
    assert sweep_files() == Swept(0, 0)  # it may belong to a transaction that has not committed yet
    assert sweep_files(older_than=timedelta()) == Swept(1, 0)
    assert open_file(container, "file-1") == b"What it said"


def test_a_young_file_stays_whatever_the_rows_say(crash_after_commit: None) -> None:
    container = stored(age=0)
    with transaction.atomic():
        erase(container)
    assert sweep_files() == Swept(0, 0)
    assert len(on_disk()) == 1


def test_beside_the_wrong_database_nothing_is_removed() -> None:
    container = stored()
    Item.objects.all().delete()
    Container.objects.filter(pk=container).delete()
    assert sweep_files() == Swept(0, 1)
    assert len(on_disk()) == 1


def test_a_database_that_was_put_back_is_not_believed(keeper: Keeper, owner_connection: Any) -> None:
    """Rows newer than the copy are missing, and their files are all that is left of them."""
    stored()
    with transaction.atomic():
        append(kind="test.done", subject="test:1", actor=process_actor("test"))
    keeper.round()
    owner_connection.execute("ALTER TABLE record_treehead DISABLE TRIGGER ALL")
    owner_connection.execute("DELETE FROM record_treehead")
    Item.objects.all().delete()
    with pytest.raises(DatabaseBehind):
        sweep_files()
    assert len(on_disk()) == 1


def test_what_is_not_ours_in_the_directory_stays(folder: Path) -> None:
    stray = folder / "ab" / "notes.txt"
    stray.parent.mkdir(parents=True)
    stray.write_text("x")
    os.utime(stray, (0, 0))
    assert sweep_files() == Swept(0, 0)
    assert stray.exists()


def test_no_directory_yet_is_nothing_to_sweep() -> None:
    assert sweep_files() == Swept(0, 0)

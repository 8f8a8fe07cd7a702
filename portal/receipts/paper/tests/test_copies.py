from __future__ import annotations

import io
import shutil
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from pyhanko.pdf_utils.reader import PdfFileReader

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.receipts.models import Copy, CopyState
from portal.receipts.paper import copies, signing
from portal.receipts.paper.contents import Paper
from portal.receipts.paper.tests import pdfs
from portal.receipts.paper.tests.samples import receipt
from portal.receipts.tasks import forget_old_papers, make_papers
from portal.record.appending import now
from portal.vault.models import Container, Item
from portal.vault.sealing import erase, open_container

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Lads, who is on at four"


class Room:
    """A room that fills papers; `calls` is what it was asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[uuid.UUID, str]] = []
        self.final = True
        self.trouble: Exception | None = None

    def build(self, person: uuid.UUID, key: str) -> Paper:
        self.calls.append((person, key))
        if self.trouble is not None:
            raise self.trouble
        return receipt(SECRET, final=self.final)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> Room:
    settings.VAULT_FILES = tmp_path / "vault"
    monkeypatch.setattr(copies, "_builders", {})
    monkeypatch.setattr(copies, "_resting", [0.0])
    made = Room()
    copies.register("test", made.build)
    return made


@pytest.fixture
def officer(room: Room) -> Person:
    person: Person = PersonFactory()
    return person


@pytest.fixture
def container(room: Room) -> uuid.UUID:
    return open_container(purpose="report")


def standing(officer: Person, key: str = "7") -> Copy:
    found = copies.standing(person=officer, kind="test", key=key)
    assert found is not None
    return found


def ready(officer: Person, key: str = "7") -> bytes | None:
    return copies.ready(person=officer, kind="test", key=key)


def made(officer: Person, container: uuid.UUID | None = None) -> bytes:
    copies.want(person=officer, kind="test", key="7", container=container)
    assert make_papers() == 1
    pdf = ready(officer)
    assert pdf is not None
    return pdf


def put_off(copy: Copy, days: int) -> None:
    Copy.objects.filter(pk=copy.pk).update(wanted_at=now() - timedelta(days=days))


def test_a_copy_is_made_signed_and_sealed_with_what_it_tells_of(room: Room, officer: Person, container: uuid.UUID, tmp_path: Path) -> None:
    copy = copies.want(person=officer, kind="test", key="7", container=container)
    assert (copy.state, ready(officer)) == (CopyState.WANTED, None)
    assert make_papers() == 1
    pdf = ready(officer)
    assert pdf is not None
    assert SECRET in " ".join(pdfs.pages(pdf))
    assert len(PdfFileReader(io.BytesIO(pdf)).embedded_signatures) == 1
    assert room.calls == [(officer.pk, "7")]
    kept = standing(officer)
    assert (kept.state, kept.final, kept.stamped, kept.container) == (CopyState.MADE, True, False, container)
    (file,) = [path for path in (tmp_path / "vault").rglob("*") if path.is_file()]
    assert b"%PDF" not in file.read_bytes()
    assert Item.objects.get(container_id=container).name == f"paper-{copy.pk}"


def test_a_copy_is_for_one_person(officer: Person, container: uuid.UUID) -> None:
    made(officer, container)
    other = PersonFactory()
    assert copies.ready(person=other, kind="test", key="7") is None
    assert copies.standing(person=other, kind="test", key="7") is None
    assert copies.ready(person=officer, kind="other", key="7") is None
    assert ready(officer, "8") is None


def test_asking_again_makes_nothing_again(room: Room, officer: Person, container: uuid.UUID) -> None:
    pdf = made(officer, container)
    copies.want(person=officer, kind="test", key="7", container=container)
    assert make_papers() == 0
    assert ready(officer) == pdf
    assert len(room.calls) == 1


def test_a_pending_receipt_s_copy_is_made_again_when_it_is_asked_for_again(room: Room, officer: Person, container: uuid.UUID) -> None:
    room.final = False
    made(officer, container)
    assert not standing(officer).final
    room.final = True
    made(officer, container)
    assert standing(officer).final
    assert Item.objects.filter(container_id=container).count() == 1


def test_erasing_what_it_tells_of_takes_the_copy_along(room: Room, officer: Person, container: uuid.UUID, tmp_path: Path) -> None:
    made(officer, container)
    with transaction.atomic():
        erase(container)
    assert ready(officer) is None
    assert [path for path in (tmp_path / "vault").rglob("*") if path.is_file()] == []
    made(officer)
    assert standing(officer).container != container


def test_a_copy_of_nothing_private_lies_in_a_container_of_its_own_and_goes_with_it(officer: Person, tmp_path: Path) -> None:
    made(officer)
    copy = standing(officer)
    put_off(copy, days=29)
    assert forget_old_papers() == 1
    assert Container.objects.get(purpose=copies.OWN).erased_at is not None
    assert not Copy.objects.exists()
    assert [path for path in (tmp_path / "vault").rglob("*") if path.is_file()] == []


def test_old_copies_are_forgotten_and_nothing_else_in_their_container(officer: Person, container: uuid.UUID) -> None:
    made(officer, container)
    assert forget_old_papers() == 0
    put_off(standing(officer), days=29)
    assert forget_old_papers() == 1
    assert not Item.objects.exists()
    assert Container.objects.get(pk=container).erased_at is None
    assert ready(officer) is None
    made(officer, container)


def test_what_is_asked_for_while_its_content_is_erased_fails_and_can_be_asked_for_again(officer: Person, container: uuid.UUID) -> None:
    with transaction.atomic():
        erase(container)
    copies.want(person=officer, kind="test", key="7", container=container)
    assert make_papers() == 0
    assert standing(officer).state == CopyState.FAILED
    made(officer)


def test_a_copy_lost_from_the_disk_is_made_again(officer: Person, container: uuid.UUID, tmp_path: Path) -> None:
    made(officer, container)
    shutil.rmtree(tmp_path / "vault")
    assert ready(officer) is None
    made(officer, container)


def test_a_copy_changed_on_the_disk_is_not_given_out(
    officer: Person, container: uuid.UUID, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made(officer, container)
    (file,) = [path for path in (tmp_path / "vault").rglob("*") if path.is_file()]
    changed = bytearray(file.read_bytes())
    changed[100] ^= 1
    file.write_bytes(changed)
    assert ready(officer) is None
    assert "InvalidTag" in caplog.text


def test_where_there_is_nothing_to_make_it_fails_at_once(room: Room, officer: Person) -> None:
    room.trouble = copies.Gone()
    copies.want(person=officer, kind="test", key="7")
    assert make_papers() == 0
    assert standing(officer).state == CopyState.FAILED


def test_one_that_goes_wrong_is_tried_again_later_and_given_up_in_the_end(room: Room, officer: Person) -> None:
    room.trouble = OSError("the disk")
    copy = copies.want(person=officer, kind="test", key="7")
    for attempt in range(1, len(copies.RETRY) + 1):
        with pytest.raises(OSError, match="the disk"):
            make_papers()
        assert standing(officer).attempts == attempt
        assert make_papers() == 0
        Copy.objects.filter(pk=copy.pk).update(next_try_at=now())
    assert make_papers() == 0
    assert standing(officer).state == CopyState.FAILED
    room.trouble = None
    made(officer)


def test_one_that_goes_wrong_holds_up_no_other(room: Room, officer: Person) -> None:
    room.trouble = OSError("the disk")
    copies.want(person=officer, kind="test", key="1")
    with pytest.raises(OSError, match="the disk"):
        make_papers()
    room.trouble = None
    copies.want(person=officer, kind="test", key="2")
    assert make_papers() == 1
    assert ready(officer, "2") is not None


def test_making_one_twice_at_the_same_moment_leaves_one(officer: Person, container: uuid.UUID, together: Callable[..., list[Any]]) -> None:
    copy = copies.want(person=officer, kind="test", key="7", container=container)
    assert sorted(together(*[lambda: copies.make(copy.pk)] * 2)) == [False, True]
    assert Item.objects.count() == 1
    assert not copies.make(copy.pk)


def test_two_workers_make_each_copy_once(room: Room, officer: Person, together: Callable[..., list[Any]]) -> None:
    for key in range(6):
        copies.want(person=officer, kind="test", key=str(key))
    assert sum(together(make_papers, make_papers)) == 6
    assert len(room.calls) == 6


def test_asking_twice_at_the_same_moment_asks_once(officer: Person, together: Callable[..., list[Any]]) -> None:
    asked = together(*[lambda: copies.want(person=officer, kind="test", key="7").pk] * 2)
    assert asked[0] == asked[1]
    assert Copy.objects.count() == 1


def test_a_kind_nobody_registered_cannot_be_wanted(officer: Person) -> None:
    with pytest.raises(KeyError):
        copies.want(person=officer, kind="poster", key="7")
    assert not Copy.objects.exists()


def test_wanting_never_talks_to_the_broker(officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise AssertionError("a request talks to the broker")

    monkeypatch.setattr(make_papers, "delay", away)
    copies.want(person=officer, kind="test", key="7")
    assert standing(officer).state == CopyState.WANTED


def test_without_an_answer_from_the_authority_it_is_signed_without_a_stamp_and_says_so(
    officer: Person, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[bool] = []

    def sign(*given: Any, stamped: bool) -> Any:
        asked.append(stamped)
        if stamped:
            raise signing.NotStamped("it could not be reached")
        return signing.sign(*given, stamped=False)

    settings.TSA_URL = "http://stamps.example/"
    monkeypatch.setattr(copies, "sign", sign)
    for key in ("1", "2"):
        copies.want(person=officer, kind="test", key=key)
    assert make_papers() == 2
    assert asked == [True, False, False]  # an authority that is away is left alone for a while
    assert not standing(officer, "1").stamped
    assert "without a time stamp" in caplog.text


def test_the_database_knows_no_made_copy_that_lies_nowhere(officer: Person) -> None:
    copy = copies.want(person=officer, kind="test", key="7")
    for wrong in ({"state": CopyState.MADE}, {"state": "lost"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Copy.objects.filter(pk=copy.pk).update(**wrong)

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from guidance.drafting import CannotDraft, discard, draft, revise, submit
from guidance.models import Document, State, Version
from guidance.publishing import CannotPublish, publish, send_back, withdraw
from guidance.rendering import hash_of
from guidance.tests.making import TEXT, make_document, make_published, make_submitted, officer, wording
from portal.record.models import Fact

Together = Callable[..., list[Any]]
pytestmark = pytest.mark.django_db


def test_publishing_renders_the_text_and_keeps_who_approved_it_and_its_hash() -> None:
    submitted, approver = make_submitted(make_document()), officer()
    version = publish(version_id=submitted.pk, approver=approver, text_hash=submitted.text_hash)
    assert (version.state, version.approver, version.text_hash) == (State.PUBLISHED, approver, hash_of(TEXT))
    assert 'id="s-purpose"' in version.html
    assert "#s-help" in version.contents
    fact = Fact.objects.for_subject(f"document:{version.document_id}").last()
    assert fact is not None
    assert (fact.kind, fact.data["text_hash"]) == ("guidance.published", hash_of(TEXT))


def test_author_cannot_approve_their_own_version() -> None:
    author = officer()
    version = make_submitted(make_document(), author)
    with pytest.raises(CannotPublish, match="Somebody else must approve it"):
        publish(version_id=version.pk, approver=author, text_hash=version.text_hash)


def test_postgresql_refuses_an_author_as_approver() -> None:
    version = make_submitted(make_document())
    with pytest.raises(IntegrityError, match="version_approver_not_author"):
        Version.objects.filter(pk=version.pk).update(approver=version.author)


def test_approver_publishes_the_text_they_read_and_no_other() -> None:
    version = make_submitted(make_document())
    with pytest.raises(CannotPublish, match="changed after you opened it"):
        publish(version_id=version.pk, approver=officer(), text_hash=hash_of("another text"))


def test_a_draft_cannot_be_published() -> None:
    version = draft(document_id=make_document().pk, author=officer(), wording=wording())
    with pytest.raises(CannotPublish, match="It is: draft"):
        publish(version_id=version.pk, approver=officer(), text_hash="")


def test_a_version_cannot_be_published_twice() -> None:
    version = make_published()
    with pytest.raises(CannotPublish, match="It is: published"):
        publish(version_id=version.pk, approver=officer(), text_hash=version.text_hash)


def test_a_version_whose_date_has_passed_is_neither_submitted_nor_published() -> None:
    yesterday = timezone.localdate() - timedelta(days=2)
    version = draft(document_id=make_document().pk, author=officer(), wording=wording(acknowledge_by=yesterday))
    with pytest.raises(CannotDraft, match="has passed"):
        submit(version_id=version.pk, author=version.author)
    Version.objects.filter(pk=version.pk).update(state=State.SUBMITTED, text_hash=hash_of(TEXT))
    with pytest.raises(CannotPublish, match="has passed"):
        publish(version_id=version.pk, approver=officer(), text_hash=hash_of(TEXT))


def test_a_version_of_a_withdrawn_document_cannot_be_published() -> None:
    version = make_submitted(make_document())
    withdraw(document_id=version.document_id, by=officer())
    with pytest.raises(CannotPublish, match="withdrawn"):
        publish(version_id=version.pk, approver=officer(), text_hash=version.text_hash)


def test_sending_back_makes_it_a_draft_again() -> None:
    version = make_submitted(make_document())
    assert send_back(version_id=version.pk, approver=officer()).state == State.DRAFT


def test_a_submitted_version_stands_still() -> None:
    version = make_submitted(make_document())
    with pytest.raises(CannotDraft, match="waiting for approval"):
        revise(version_id=version.pk, author=version.author, wording=wording(text="Other"))


def test_whoever_changes_a_draft_becomes_its_author() -> None:
    version = draft(document_id=make_document().pk, author=officer(), wording=wording())
    second = officer()
    assert revise(version_id=version.pk, author=second, wording=wording(text="Other\r\nlines")).author == second
    version.refresh_from_db()
    assert version.text == "Other\nlines"


def test_one_version_at_a_time_is_being_written() -> None:
    document = make_document()
    draft(document_id=document.pk, author=officer(), wording=wording())
    with pytest.raises(CannotDraft, match="not published yet"):
        draft(document_id=document.pk, author=officer(), wording=wording())


def test_a_draft_can_be_discarded_and_its_number_used_again() -> None:
    document = make_document()
    discard(version_id=draft(document_id=document.pk, author=officer(), wording=wording()).pk)
    assert draft(document_id=document.pk, author=officer(), wording=wording()).number == 1


def test_the_next_version_is_the_current_one() -> None:
    first = make_published()
    second = make_published(first.document, text="## Purpose\n\nNew.")
    assert list(Version.objects.current()) == [second]


def test_a_published_version_cannot_be_changed_in_python() -> None:
    version = make_published()
    version.text = "Another text"
    with pytest.raises(DatabaseError, match="stay as they are"):
        version.save()


def test_a_published_version_cannot_be_deleted_in_python() -> None:
    version = make_published()
    with pytest.raises(DatabaseError, match="stay as they are"):
        version.delete()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE guidance_version SET text = 'x'",
        "UPDATE guidance_version SET state = 'draft'",
        "DELETE FROM guidance_version",
    ],
)
def test_a_published_version_cannot_be_changed_in_sql(statement: str) -> None:
    version = make_published()
    with pytest.raises(DatabaseError, match="stay as they are"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Version.objects.get(pk=version.pk).text == TEXT


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["guidance_version", "guidance_acknowledgement"])
def test_even_the_owner_cannot_change_or_empty_the_tables(table: str, owner_connection: Any) -> None:
    make_published()
    for statement in (f"TRUNCATE {table} CASCADE", "UPDATE guidance_version SET text = 'x'"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="stay as they are"):
            owner_connection.execute(statement)
    assert Version.objects.get().text == TEXT


def test_no_session_setting_turns_the_guards_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname LIKE 'guidance_%%_keep%%'", [])
        assert [row[0] for row in cursor.fetchall()] == ["A"] * 4


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_publish_it_once(together: Together) -> None:
    version, approvers = make_submitted(make_document()), [officer(), officer()]

    def one(index: int) -> Callable[[], Any]:
        return lambda: publish(version_id=version.pk, approver=approvers[index], text_hash=version.text_hash)

    results = together(one(0), one(1))
    assert sorted(type(result).__name__ for result in results) == ["CannotPublish", "Version"]
    assert Fact.objects.of_kind("guidance.published").count() == 1


def test_nothing_is_published_where_the_record_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_submitted(make_document())

    def broken(**_: object) -> None:
        raise RuntimeError("the record is away")

    monkeypatch.setattr("guidance.publishing.append", broken)
    with pytest.raises(RuntimeError):
        publish(version_id=version.pk, approver=officer(), text_hash=version.text_hash)
    version.refresh_from_db()
    assert version.state == State.SUBMITTED


def test_withdrawing_twice_is_withdrawing_once() -> None:
    version = make_published()
    withdraw(document_id=version.document_id, by=officer())
    withdraw(document_id=version.document_id, by=officer())
    assert Document.objects.get().withdrawn_at is not None
    assert Fact.objects.of_kind("guidance.withdrawn").count() == 1
    assert not Version.objects.current().exists()

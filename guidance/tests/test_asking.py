from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client

from guidance.asking import AlreadyAnswered, answer, ask
from guidance.models import Acknowledgement, Question, Version
from guidance.tests.making import make_document, make_published, officer
from portal.erasure import erasing
from portal.notices.models import Outbox
from portal.people.models import Kind, Person, Role
from portal.record.models import Fact
from portal.requests.choices import Ground
from portal.vault.models import Item
from portal.vault.sealing import erase, read_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Person:
    return officer()


@pytest.fixture
def version(owner: Person) -> Version:
    return make_published(make_document(owner=owner))


@pytest.fixture
def asker() -> Person:
    return officer()


def put_question(asker: Person, text: str = "May I use it abroad?", key: uuid.UUID | None = None) -> Question:
    return ask(person=asker, slug="code", text=text, key=key or uuid.uuid4())


def test_a_question_is_sealed_recorded_and_told_to_the_owner_without_its_words(version: Version, owner: Person, asker: Person) -> None:
    question = put_question(asker)
    assert read_text(question.container, "question") == {"question": "May I use it abroad?"}
    fact = Fact.objects.for_subject(f"reader:{asker.pk}").get()
    assert fact.kind == "guidance.asked"
    notice = Outbox.objects.get()
    assert notice.to == owner
    assert notice.link == f"/guidance/code/questions/{question.pk}/"
    assert "abroad" not in notice.subject + notice.body + fact.leaf


def test_asking_acknowledges_nothing(version: Version, asker: Person) -> None:
    put_question(asker)
    assert not Acknowledgement.objects.exists()


def test_the_same_form_sent_twice_asks_once(version: Version, asker: Person) -> None:
    key = uuid.uuid4()
    assert put_question(asker, key=key) == put_question(asker, key=key)
    assert Question.objects.count() == Fact.objects.of_kind("guidance.asked").count() == Outbox.objects.count() == 1


def test_the_same_form_with_other_words_asks_again(version: Version, asker: Person) -> None:
    key = uuid.uuid4()
    assert put_question(asker, key=key, text="May I use it at home?") != put_question(asker, key=key, text="And abroad?")
    assert Fact.objects.of_kind("guidance.asked").count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_at_the_same_moment_asks_once(together: Callable[..., list[Any]], version: Version, asker: Person) -> None:
    key = uuid.uuid4()
    results = together(*[lambda: put_question(asker, key=key)] * 3)
    assert len({result.pk for result in results}) == 1
    assert Question.objects.count() == Fact.objects.of_kind("guidance.asked").count() == 1


def test_the_key_of_somebody_else_s_form_asks_anew(version: Version, asker: Person) -> None:
    key = uuid.uuid4()
    assert put_question(officer(), key=key).pk != put_question(asker, key=key).pk


def test_a_question_about_a_document_without_an_owner_goes_to_the_author(asker: Person) -> None:
    made = make_published()
    put_question(asker)
    assert Outbox.objects.get().to == made.author


def test_a_question_for_an_owner_who_left_goes_to_the_author(version: Version, owner: Person, asker: Person) -> None:
    owner.is_active = False
    owner.save()
    put_question(asker)
    assert Outbox.objects.get().to == version.author


def test_nobody_asks_about_what_is_not_for_them(asker: Person) -> None:
    make_published(kinds=[Kind.STAFF])
    with pytest.raises(Version.DoesNotExist):
        put_question(asker)


def test_nothing_is_kept_where_the_notice_cannot_be_put(version: Version, asker: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("no outbox")

    monkeypatch.setattr("guidance.asking.put", broken)
    with pytest.raises(RuntimeError):
        put_question(asker)
    assert not Question.objects.exists()
    assert not Fact.objects.of_kind("guidance.asked").exists()


def test_the_answer_is_sealed_and_told_to_the_asker(version: Version, owner: Person, asker: Person) -> None:
    question = answer(question_id=put_question(asker).pk, by=owner, text="No.")
    assert read_text(question.container, "answer") == {"answer": "No."}
    assert Outbox.objects.get(kind="guidance.answered").to == asker
    assert [fact.kind for fact in Fact.objects.for_subject(f"reader:{asker.pk}")] == ["guidance.asked", "guidance.answered"]


def test_a_question_is_answered_once(version: Version, owner: Person, asker: Person) -> None:
    question = put_question(asker)
    answer(question_id=question.pk, by=owner, text="No.")
    with pytest.raises(AlreadyAnswered):
        answer(question_id=question.pk, by=owner, text="Yes.")
    assert read_text(question.container, "answer") == {"answer": "No."}


def test_only_whoever_it_came_to_answers(version: Version, asker: Person) -> None:
    question = put_question(asker)
    for other in (asker, officer(), version.author):
        with pytest.raises(Question.DoesNotExist):
            answer(question_id=question.pk, by=other, text="Yes.")


# --- Pages ---


def test_the_officer_asks_on_a_page_and_sees_the_question(client: Client, version: Version, asker: Person) -> None:
    client.force_login(asker)
    assert 'name="key"' in client.get("/guidance/code/question/").content.decode()
    response = client.post("/guidance/code/question/", {"text": "Why? 😀 مرحبا", "key": str(uuid.uuid4())}, follow=True)
    shown = response.content.decode()
    assert "Why? 😀 مرحبا" in shown
    assert "It has not been answered yet." in shown
    assert "not answered yet." in client.get("/guidance/code/").content.decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Enter your question"),
        ("   ", "Enter your question"),
        ("x" * 2001, "Enter 2,000 characters or fewer"),
        ("a\0b", "Hidden characters"),
    ],
)
def test_a_bad_question_gets_a_sentence_and_keeps_what_was_typed(
    client: Client, version: Version, asker: Person, text: str, sentence: str
) -> None:
    client.force_login(asker)
    response = client.post("/guidance/code/question/", {"text": text, "key": str(uuid.uuid4())})
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert text.strip().replace("\0", "") in response.content.decode()
    assert not Question.objects.exists()


@pytest.mark.parametrize("key", ["", "x", "\0", "9" * 500])
def test_a_broken_key_never_loses_the_question(client: Client, version: Version, asker: Person, key: str) -> None:
    client.force_login(asker)
    response = client.post("/guidance/code/question/", {"text": "Why?", "key": key})
    assert response.status_code == 302
    assert Question.objects.get().person == asker


def test_the_owner_sees_the_list_and_answers(client: Client, version: Version, owner: Person, asker: Person) -> None:
    client.force_login(owner)
    assert "Nobody has asked about this document." in client.get("/guidance/code/questions/").content.decode()
    question = put_question(asker)
    assert asker.name_and_unit in client.get("/guidance/code/questions/").content.decode().replace("&#x27;", "'")
    address = f"/guidance/code/questions/{question.pk}/"
    assert "Send answer" in client.get(address).content.decode()
    assert "Enter your answer" in client.post(address, {"text": ""}).content.decode()
    shown = client.post(address, {"text": "No."}, follow=True).content.decode()
    assert "Your answer was sent" in shown
    assert "Answer from" in shown
    again = client.post(address, {"text": "Another"}).content.decode()
    assert "This question was answered while you were writing." in again
    assert "Another" in again


def test_nobody_else_sees_questions(client: Client, version: Version, asker: Person) -> None:
    question = put_question(asker)
    client.force_login(officer())
    for address in ("/guidance/code/questions/", f"/guidance/code/questions/{question.pk}/"):
        assert client.get(address).status_code == 404


def test_the_asker_sees_their_question_but_cannot_answer_it(client: Client, version: Version, asker: Person) -> None:
    address = f"/guidance/code/questions/{put_question(asker).pk}/"
    client.force_login(asker)
    shown = client.get(address).content.decode()
    assert "May I use it abroad?" in shown
    assert "Send answer" not in shown
    assert client.post(address, {"text": "Yes."}).status_code == 404
    assert client.get(address.replace("/code/", "/other/")).status_code == 404
    assert client.put(address).status_code == 405


def test_an_erased_question_says_so(client: Client, version: Version, asker: Person) -> None:
    question = put_question(asker)
    with transaction.atomic():
        erase(question.container)
    client.force_login(asker)
    assert "These words were erased." in client.get(f"/guidance/code/questions/{question.pk}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_an_erasure_at_the_same_moment_leave_no_words(
    together: Callable[..., list[Any]], version: Version, owner: Person, asker: Person
) -> None:
    question, standards = put_question(asker), officer()
    standards.groups.add(Group.objects.get_or_create(name=Role.PROFESSIONAL_STANDARDS)[0])
    erasure = erasing.ask_to_erase(person=owner, kind="question", key=str(question.pk), ground=Ground.ORDER, reason="Order 12")
    answers = together(
        lambda: answer(question_id=question.pk, by=owner, text="No."),
        lambda: erasing.erase(person=standards, key=erasure.pk),
    )
    assert type(answers[0]).__name__ in ("Question", "NothingToAnswer")
    assert not Item.objects.filter(container_id=question.container).exists()
    assert Fact.objects.of_kind("words.erased").count() == 1

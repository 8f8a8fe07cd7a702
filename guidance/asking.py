"""Ask before acknowledging, and answer. The words are sealed; the notice says only that there is a question or an answer."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction

from guidance.models import Question, Version
from portal.notices.outbox import put
from portal.people.models import Person
from portal.record.appending import append, now, person_actor
from portal.vault.sealing import Erased, open_container, seal


class AlreadyAnswered(Exception):
    """Somebody answered first."""

    def __init__(self) -> None:
        super().__init__("This question was answered while you were writing. Read the answer before you add to it.")


class NothingToAnswer(Exception):
    """The question was erased."""

    def __init__(self) -> None:
        super().__init__("This question was erased while you were writing. Nobody can read it or answer it any more.")


def ask(*, person: Person, slug: str, text: str, key: uuid.UUID) -> Question:
    """Keep a question about the current version and tell whoever answers it. Acknowledges nothing.

    key: chosen when the form was shown, so that the same form sent twice by one person asks once; with other words in it, again.
    Raises Version.DoesNotExist where the person has no such document.
    """
    own_key = uuid.uuid5(person.pk, f"{key} {text}")
    with transaction.atomic():
        version = (
            Version.objects.current().for_person(person).without_text().select_related("document__owner", "author").get(document__slug=slug)
        )
        try:
            with transaction.atomic():
                question = _keep(version, person, own_key)
        except IntegrityError:
            return Question.objects.get(pk=own_key)
        sealed = seal(container=question.container, values={"question": text})
        append(
            kind="guidance.asked",
            subject=f"reader:{person.pk}",
            actor=person_actor(person),
            facts={"question": str(own_key), "document": slug, "version": version.number},
            sealed=sealed,
        )
        _tell_of_question(question, version)
        return question


def answer(*, question_id: uuid.UUID, by: Person, text: str) -> Question:
    """Keep the answer and tell whoever asked. Raises AlreadyAnswered, NothingToAnswer, and
    Question.DoesNotExist for a question that is not `by`'s to answer."""
    with transaction.atomic():
        question = _lock_unanswered(question_id, by)
        try:
            sealed = seal(container=question.container, values={"answer": text})
        except Erased:
            raise NothingToAnswer from None
        question.answered_at, question.answered_by = now(), by
        question.save(update_fields=["answered_at", "answered_by"])
        append(
            kind="guidance.answered",
            subject=f"reader:{question.person_id}",
            actor=person_actor(by),
            facts={"question": str(question.pk)},
            sealed=sealed,
        )
        _tell_of_answer(question)
        return question


def _lock_unanswered(question_id: uuid.UUID, by: Person) -> Question:
    question = (
        Question.objects.answerable_by(by)
        .select_for_update(of=("self",))
        .select_related("version__document", "person")
        .defer("version__text", "version__html", "version__contents")
        .get(pk=question_id)
    )
    if question.answered_at is not None:
        raise AlreadyAnswered
    return question


def _keep(version: Version, person: Person, key: uuid.UUID) -> Question:
    container = open_container(purpose="guidance question")
    return Question.objects.create(pk=key, version=version, person=person, container=container, asked_at=now())


def _tell_of_question(question: Question, version: Version) -> None:
    put(
        to=question.answerer,
        kind="guidance.asked",
        subject=f"A question about {version.document.title}",
        body=f"Somebody has a question about {version.document.title}, version {version.number}, before acknowledging it. Answer it here:",
        link=f"/guidance/{version.document.slug}/questions/{question.pk}/",
        dedupe=f"guidance.asked:{question.pk}",
    )


def _tell_of_answer(question: Question) -> None:
    document = question.version.document
    put(
        to=question.person,
        kind="guidance.answered",
        subject=f"Your question about {document.title} was answered",
        body=f"Your question about {document.title} was answered. Read the answer here:",
        link=f"/guidance/{document.slug}/questions/{question.pk}/",
        dedupe=f"guidance.answered:{question.pk}",
    )

"""Questions as the people see them who asked or who answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from guidance.models import Document, Question, QuestionQuerySet
from portal.erasure import kinds
from portal.erasure.erased import sentence
from portal.people.models import Person
from portal.vault.sealing import Erased, open_sealed


@dataclass(frozen=True, slots=True)
class About:
    """A document and the questions about it that came to one person, those without an answer first."""

    document: Document
    questions: QuestionQuerySet


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. answerable: the person looking at it is the one to answer it. erasable: they may ask to have it erased."""

    key: uuid.UUID
    container: uuid.UUID
    slug: str
    title: str
    number: int
    by: str
    is_mine: bool
    answerable: bool
    erasable: bool
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str


@dataclass(frozen=True, slots=True)
class Words:
    """erased: the sentence that stands in their place once they were."""

    question: str = ""
    answer: str = ""
    erased: str = ""


def questions_for(person: Person, slug: str) -> About | None:
    """None for somebody whom questions about this document do not come to."""
    document = Document.objects.answered_by(person).filter(slug=slug).first()
    if document is None:
        return None
    questions = Question.objects.answerable_by(person).filter(version__document=document).select_related("person__unit", "version")
    return About(document, questions.defer("version__text", "version__html", "version__contents").unanswered_first())


def asked_about(person: Person, slug: str, key: uuid.UUID) -> Asked | None:
    """The question, or None where there is none that this person asked or answers."""
    question = (
        Question.objects.seen_by(person)
        .select_related("version__document", "person__unit", "answered_by__unit")
        .defer("version__text", "version__html", "version__contents")
        .filter(pk=key, version__document__slug=slug)
        .first()
    )
    if question is None:
        return None
    return Asked(
        key=question.pk,
        container=question.container,
        slug=slug,
        title=question.version.document.title,
        number=question.version.number,
        by=question.person.name_and_unit,
        is_mine=question.person_id == person.pk,
        answerable=Question.objects.answerable_by(person).filter(pk=key).exists(),
        erasable=kinds.row(person, "question", str(key)) is not None,
        asked_at=question.asked_at,
        answered_at=question.answered_at,
        answered_by=question.answered_by.name_and_unit if question.answered_by else "",
    )


def words_of(asked: Asked) -> Words:
    """The sealed words, opened."""
    try:
        opened = open_sealed(asked.container)
    except Erased:
        return Words(erased=sentence(asked.container))
    return Words(opened["question"].decode(), opened.get("answer", b"").decode())

"""Words to erase: a question with its answer and a note on a discrepancy, and the two persons that each of them takes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from devices import discrepancies
from devices.models import Oddity
from devices.tests.factories import HandsetFactory, stores, with_role
from guidance.asking import answer, ask
from guidance.tests.making import make_document, make_published
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory

WORD = "Zarniwoopish-7731"


@dataclass(frozen=True)
class Case:
    """page: where its words are read, by `reader`. one and other: two who may have it erased; stranger: one who may not."""

    kind: str
    key: str
    container: uuid.UUID
    subject: str
    page: str
    reader: Person
    writer: Person
    one: Person
    other: Person
    stranger: Person

    @property
    def address(self) -> str:
        return f"/erasures/{self.kind}/{self.key}/"


def a_question(*, answered: bool = True) -> Case:
    owner, asker = PersonFactory(last_name="Owner"), PersonFactory(last_name="Curious")
    make_published(make_document(owner=owner))
    question = ask(person=asker, slug="code", text=WORD, key=uuid.uuid4())
    if answered:
        question = answer(question_id=question.pk, by=owner, text=WORD)
    return Case(
        kind="question",
        key=str(question.pk),
        container=question.container,
        subject=f"reader:{asker.pk}",
        page=f"/guidance/code/questions/{question.pk}/",
        reader=asker,
        writer=asker,
        one=owner,
        other=with_role(Role.PROFESSIONAL_STANDARDS),
        stranger=stores(),
    )


def a_note() -> Case:
    finder, keeper = PersonFactory(), stores(last_name="Keeper")
    opened = discrepancies.report(handset=HandsetFactory(), by=finder, what=Oddity.DIFFERENT)
    closed = discrepancies.close(discrepancy_id=opened.pk, by=keeper, note=WORD)
    assert closed.container is not None
    return Case(
        kind="discrepancy",
        key=str(closed.pk),
        container=closed.container,
        subject=closed.handset.subject,
        page=f"/stores/{closed.handset.asset_tag}/",
        reader=keeper,
        writer=keeper,
        one=stores(),
        other=with_role(Role.ADMINISTRATOR),
        stranger=with_role(Role.PROFESSIONAL_STANDARDS),
    )


MAKE: dict[str, Callable[[], Case]] = {"question": a_question, "discrepancy": a_note}


@pytest.fixture(params=sorted(MAKE))
def case(request: pytest.FixtureRequest, db: None) -> Case:
    return MAKE[request.param]()

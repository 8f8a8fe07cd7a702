"""Sealed words of every room are erased by two persons, for a reason, and the record says so."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.erasure import erasing
from portal.erasure.erasing import CannotErase, NotYours
from portal.erasure.models import Erasure
from portal.notices.models import Outbox
from portal.people.models import Person
from portal.record.models import Fact
from portal.requests.choices import ErasureState, Ground
from portal.requests.reasons import reason_of
from portal.vault.models import Container, Item
from portal.vault.sealing import Erased, commitment, open_all, open_sealed
from tests.erasure.conftest import Case, a_note, a_question

Together = Callable[..., list[Any]]
REASON = "Order 12 of the county court"
pytestmark = pytest.mark.django_db


def asked(case: Case, person: Person | None = None, ground: Ground = Ground.ORDER) -> Erasure:
    return erasing.ask_to_erase(person=person or case.one, kind=case.kind, key=case.key, ground=ground, reason=REASON)


def erased(case: Case) -> Erasure:
    return erasing.erase(person=case.other, key=asked(case).pk)


def kinds_on(subject: str) -> list[str]:
    return list(Fact.objects.for_subject(subject).order_by("subject_seq").values_list("kind", flat=True))


def test_key_salts_and_values_go_and_the_fact_says_who_and_under_what(case: Case) -> None:
    erasure = erased(case)
    assert Container.objects.get(pk=case.container).wrapped_key is None
    assert not Item.objects.filter(container_id=case.container).exists()
    with pytest.raises(Erased):
        open_sealed(case.container)
    fact = Fact.objects.for_subject(case.subject).latest("subject_seq")
    name = f"erasure-{erasure.pk}"
    kept = open_all(erasure.container, name)[name]
    assert (fact.kind, fact.actor) == ("words.erased", f"person:{case.other.pk}")
    assert fact.data["asked_by"] == f"person:{case.one.pk}"
    assert fact.data["approved_by"] == f"person:{case.other.pk}"
    assert (fact.data["ground"], fact.data["of"]) == ("order", f"{case.kind}:{case.key}")
    assert json.loads(fact.sealed) == {name: commitment(kept.salt, kept.value)}
    assert (kept.value.decode(), reason_of(erasure)) == (REASON, REASON)


def test_one_person_alone_erases_nothing(case: Case) -> None:
    erasure = asked(case)
    with pytest.raises(CannotErase, match="somebody else"):
        erasing.erase(person=case.one, key=erasure.pk)
    with pytest.raises(CannotErase, match="somebody else"):
        erasing.refuse(person=case.one, key=erasure.pk, reason="No")
    for alone in (case.one, None):
        with pytest.raises(IntegrityError, match="words_erasure_two_people"), transaction.atomic():
            Erasure.objects.filter(pk=erasure.pk).update(state=ErasureState.DONE, decided_by=alone, decided_at=erasure.asked_at)
    assert open_sealed(case.container)


def test_whoever_may_not_neither_asks_nor_decides(case: Case) -> None:
    erasure = asked(case)
    left = case.other
    left.is_active = False
    for person in (case.stranger, left):
        with pytest.raises(NotYours):
            asked(case, person)
        with pytest.raises(NotYours):
            erasing.erase(person=person, key=erasure.pk)
        with pytest.raises(NotYours):
            erasing.refuse(person=person, key=erasure.pk, reason="No")
    with pytest.raises(NotYours):
        erasing.erase(person=case.one, key=uuid.uuid4())
    for kind, key in ((case.kind, "0"), (case.kind, "x"), ("nothing", case.key)):
        with pytest.raises(NotYours):
            erasing.ask_to_erase(person=case.one, kind=kind, key=key, ground=Ground.ORDER, reason=REASON)


def test_what_somebody_asked_who_may_no_more_is_not_erased_by_one_alone(case: Case) -> None:
    erasure = asked(case)
    Person.objects.filter(pk=case.one.pk).update(is_active=False)
    with pytest.raises(CannotErase, match="Refuse it"):
        erasing.erase(person=case.other, key=erasure.pk)
    erasing.refuse(person=case.other, key=erasure.pk, reason="They left.")
    assert open_sealed(case.container)


def test_a_request_is_withdrawn_by_its_asker_or_refused_by_another_once(case: Case) -> None:
    first = asked(case)
    with pytest.raises(CannotErase, match="already asked"):
        asked(case, case.other)
    with pytest.raises(CannotErase, match="Only the person who asked"):
        erasing.withdraw(person=case.other, key=first.pk)
    erasing.withdraw(person=case.one, key=first.pk)
    with pytest.raises(CannotErase, match="withdrawn already"):
        erasing.erase(person=case.other, key=first.pk)
    second = asked(case, case.other)
    erasing.refuse(person=case.one, key=second.pk, reason="The order names another")
    with pytest.raises(CannotErase, match="refused already"):
        erasing.refuse(person=case.one, key=second.pk, reason="x")
    assert open_sealed(second.container, f"refusal-{second.pk}")[f"refusal-{second.pk}"] == b"The order names another"
    assert kinds_on(first.requests) == ["erasure.asked", "erasure.withdrawn", "erasure.asked", "erasure.refused"]
    assert Outbox.objects.get(kind__endswith=".erasure_decided", to=case.other).subject.endswith("refused")
    assert open_sealed(case.container)


def test_what_was_erased_is_not_asked_for_or_decided_again(case: Case) -> None:
    erasure = erased(case)
    for verb in (lambda: asked(case), lambda: erasing.withdraw(person=case.one, key=erasure.pk), lambda: erased(case)):
        with pytest.raises(Erased):
            verb()
    with pytest.raises(IntegrityError, match="words_erasure_once"), transaction.atomic():
        again = Erasure.objects.get(pk=erasure.pk)
        again.pk = uuid.uuid4()
        again.save(force_insert=True)


def test_everybody_who_could_decide_is_told_then_the_asker_and_whose_words_they_were(case: Case) -> None:
    erasure = asked(case)
    told = set(Outbox.objects.filter(kind__endswith=".erasure_asked").values_list("to", flat=True))
    assert case.other.pk in told
    assert not told & {case.one.pk, case.stranger.pk}
    erasing.erase(person=case.other, key=erasure.pk)
    assert Outbox.objects.get(kind__endswith=".erasure_decided").to == case.one
    assert case.writer.pk in Outbox.objects.filter(kind__endswith=".erased").values_list("to", flat=True)
    assert not Outbox.objects.filter(kind__endswith=".erased", to__in=[case.one, case.other]).exists()


@pytest.mark.parametrize(("years", "holds"), [(5, False), (7, True)])
def test_the_retention_rule_waits_for_its_years(case: Case, years: int, holds: bool) -> None:
    age(case, years)
    if not holds:
        with pytest.raises(CannotErase, match="6 years ago"):
            asked(case, ground=Ground.RETENTION)
        return
    erasure = asked(case, ground=Ground.RETENTION)
    age(case, -years)  # it was closed anew since
    with pytest.raises(CannotErase, match="6 years ago"):
        erasing.erase(person=case.other, key=erasure.pk)
    age(case, years)
    assert erasing.erase(person=case.other, key=erasure.pk).state == ErasureState.DONE


def age(case: Case, years: int) -> None:
    statement = {
        "question": "UPDATE guidance_question SET answered_at = answered_at - make_interval(years => %s) WHERE id::text = %s",
        "discrepancy": "UPDATE devices_discrepancy SET closed_at = closed_at - make_interval(years => %s) WHERE id::text = %s",
    }
    with connection.cursor() as cursor:
        cursor.execute(statement[case.kind], [years, case.key])


def test_a_question_without_an_answer_yields_to_a_lawful_order_only() -> None:
    case = a_question(answered=False)
    with pytest.raises(CannotErase, match="Somebody still has to deal"):
        asked(case, ground=Ground.RETENTION)
    assert erased(case).state == ErasureState.DONE


def test_whoever_asked_a_question_has_no_part_in_erasing_it() -> None:
    case = a_question()
    case.reader.groups.set(case.other.groups.all())
    asker = Person.objects.get(pk=case.reader.pk)
    with pytest.raises(NotYours):
        asked(case, asker)
    erasure = asked(case)
    assert not Outbox.objects.filter(kind__endswith=".erasure_asked", to=asker).exists()
    with pytest.raises(NotYours):
        erasing.erase(person=asker, key=erasure.pk)


def test_an_open_discrepancy_has_nothing_to_erase() -> None:
    case = a_note()
    other = a_note()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE devices_discrepancy SET closed_at = NULL, closed_by_id = NULL, container = NULL WHERE id = %s", [other.key])
    with pytest.raises(NotYours):
        erasing.ask_to_erase(person=case.one, kind=case.kind, key=other.key, ground=Ground.ORDER, reason=REASON)


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_leave_one(together: Together, case: Case) -> None:
    erasure = asked(case)
    deciders = list(erasing.REQUESTS.could_decide(erasure))
    third = deciders[0] if deciders[0] != case.other or len(deciders) == 1 else deciders[1]
    together(
        lambda: erasing.erase(person=case.other, key=erasure.pk),
        lambda: erasing.refuse(person=third, key=erasure.pk, reason="No"),
    )
    found = [kind for kind in (*kinds_on(case.subject), *kinds_on(erasure.requests)) if kind in ("words.erased", "erasure.refused")]
    assert found in (["words.erased"], ["erasure.refused"])


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one(together: Together, case: Case) -> None:
    together(lambda: asked(case), lambda: asked(case, case.other))
    assert Erasure.objects.count() == 1

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError

from guidance.acknowledging import Superseded, acknowledge
from guidance.models import Acknowledgement, Version, applies_to
from guidance.publishing import publish, withdraw
from guidance.reading import read
from guidance.rendering import hash_of
from guidance.tests.making import TEXT, make_document, make_published, make_submitted, officer, unit
from guidance.waiting import documents_for, waiting_for
from portal.people.models import Kind, Person, Rank
from portal.record.models import Fact

pytestmark = pytest.mark.django_db


def press(person: Person, version: Version, **changes: Any) -> Any:
    given = {"slug": version.document.slug, "version_id": version.pk, "text_hash": version.text_hash}
    return acknowledge(person=person, **{**given, **changes})


def test_an_acknowledgement_keeps_officer_version_hash_sentence_and_time() -> None:
    person, version = officer(), make_published()
    done = press(person, version)
    kept = Acknowledgement.objects.get()
    assert (kept.person, kept.version, kept.text_hash, kept.sentence) == (person, version, hash_of(TEXT), "I have read the code.")
    assert kept.at == done.at
    fact = Fact.objects.for_subject(f"reader:{person.pk}").get()
    assert fact.kind == "guidance.acknowledged"
    assert fact.data == {"document": "code", "version": 1, "text_hash": hash_of(TEXT), "sentence_hash": hash_of("I have read the code.")}


def test_pressing_twice_is_pressing_once() -> None:
    person, version = officer(), make_published()
    first, second = press(person, version), press(person, version)
    assert (first.again, second.again, first.at) == (False, True, second.at)
    assert Acknowledgement.objects.count() == Fact.objects.of_kind("guidance.acknowledged").count() == 1


@pytest.mark.django_db(transaction=True)
def test_pressing_at_the_same_moment_is_pressing_once(together: Callable[..., list[Any]]) -> None:
    person, version = officer(), make_published()
    results = together(*[lambda: press(person, version)] * 4)
    assert sorted(result.again for result in results) == [False, True, True, True]
    assert len({result.at for result in results}) == 1
    assert Acknowledgement.objects.count() == Fact.objects.of_kind("guidance.acknowledged").count() == 1


@pytest.mark.django_db(transaction=True)
def test_publishing_while_acknowledging_leaves_either_an_acknowledgement_or_a_refusal(together: Callable[..., list[Any]]) -> None:
    person, approver, first = officer(), officer(), make_published()
    second = make_submitted(first.document, text="## Purpose\n\nNew.")
    result, _ = together(lambda: press(person, first), lambda: publish(version_id=second.pk, approver=approver, text_hash=second.text_hash))
    assert isinstance(result, Superseded) is not Acknowledgement.objects.exists()
    assert [listed.number for listed in waiting_for(person)] == [2]


def test_a_version_superseded_while_being_read_is_refused_in_words() -> None:
    person, first = officer(), make_published()
    make_published(first.document, text="## Purpose\n\nNew.")
    with pytest.raises(Superseded, match="Version 2 came out while you were reading version 1"):
        press(person, first)
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize("changes", [{"slug": "another"}, {"version_id": 0}])
def test_a_version_that_is_not_there_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Version.DoesNotExist):
        press(officer(), make_published(), **changes)


def test_a_withdrawn_document_is_refused() -> None:
    version = make_published()
    withdraw(document_id=version.document_id, by=officer())
    with pytest.raises(Version.DoesNotExist):
        press(officer(), version)


def test_a_version_not_published_is_refused() -> None:
    with pytest.raises(Version.DoesNotExist):
        press(officer(), make_submitted(make_document()))


def test_nothing_is_kept_where_the_record_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    person, version = officer(), make_published()

    def broken(**_: object) -> None:
        raise RuntimeError("the record is away")

    monkeypatch.setattr("guidance.acknowledging.append", broken)
    with pytest.raises(RuntimeError):
        press(person, version)
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize("act", [lambda row: row.delete(), lambda row: Acknowledgement.objects.update(sentence="x")])
def test_an_acknowledgement_cannot_be_changed_or_deleted(act: Callable[[Acknowledgement], object]) -> None:
    press(officer(), make_published())
    with pytest.raises(DatabaseError, match="stay as they are"):
        act(Acknowledgement.objects.get())


AUDIENCES: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"ranks": [Rank.SERGEANT, Rank.INSPECTOR]}, True),
    ({"ranks": [Rank.CONSTABLE]}, False),
    ({"kinds": [Kind.STAFF]}, False),
    ({"kinds": [Kind.OFFICER, Kind.STAFF], "ranks": [Rank.SERGEANT]}, True),
    ({"kinds": [Kind.STAFF], "ranks": [Rank.SERGEANT]}, False),
    ({"units": ["CN"]}, True),
    ({"units": ["CE"]}, False),
    ({"units": ["CE", "CN"], "kinds": [Kind.OFFICER]}, True),
]


@pytest.mark.parametrize(("audience", "holds"), AUDIENCES)
def test_the_audience_is_one_rule_wherever_it_is_asked(audience: dict[str, Any], holds: bool) -> None:
    units = [unit(code=code).pk for code in audience.get("units", [])]
    person = officer(rank=Rank.SERGEANT, unit=unit(code="CN"))
    version = make_published(**{**audience, "units": units})
    assert Version.objects.filter(applies_to(person)).exists() is holds
    assert bool(waiting_for(person)) is bool(documents_for(person)) is holds
    if holds:
        assert read(person, "code").version_id == version.pk
        assert press(person, version).again is False
    else:
        with pytest.raises(Version.DoesNotExist):
            read(person, "code")
        with pytest.raises(Version.DoesNotExist):
            press(person, version)


def test_somebody_without_a_unit_is_in_no_unit_s_audience() -> None:
    make_published(units=[unit().pk])
    assert waiting_for(officer(unit=None)) == []

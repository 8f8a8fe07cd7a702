from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from guidance.models import Version
from guidance.publishing import withdraw
from guidance.tests.making import in_days, make_document, make_published, make_submitted, officer
from guidance.tests.test_acknowledging import press
from guidance.waiting import documents_for, waiting_for

pytestmark = pytest.mark.django_db


def test_a_new_version_asks_again() -> None:
    person, first = officer(), make_published()
    press(person, first)
    assert waiting_for(person) == []
    make_published(first.document, text="New.")
    assert [(listed.slug, listed.number) for listed in waiting_for(person)] == [("code", 2)]


def test_the_earliest_date_comes_first_and_what_is_done_comes_last() -> None:
    person = officer()
    press(person, make_published(make_document("done"), acknowledge_by=in_days(1)))
    make_published(make_document("later"), acknowledge_by=in_days(20))
    make_published(make_document("sooner"), acknowledge_by=in_days(2))
    assert [listed.slug for listed in waiting_for(person)] == ["sooner", "later"]
    assert [listed.slug for listed in documents_for(person)] == ["sooner", "later", "done"]


def test_drafts_and_withdrawn_documents_wait_for_nobody() -> None:
    make_submitted(make_document("draft"))
    withdraw(document_id=make_published(make_document("withdrawn")).document_id, by=officer())
    assert documents_for(officer()) == []


def test_it_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    person = officer()
    for slug in ("a", "b", "c"):
        make_published(make_document(slug))
    with django_assert_num_queries(1):
        assert len(waiting_for(person)) == 3


def test_overdue_means_past_the_date_and_not_acknowledged() -> None:
    person, version = officer(), make_published(acknowledge_by=in_days(3))
    [listed] = waiting_for(person)
    assert listed.overdue_on(in_days(4))
    assert not listed.overdue_on(in_days(3))
    press(person, Version.objects.get(pk=version.pk))
    assert not documents_for(person)[0].overdue_on(in_days(4))

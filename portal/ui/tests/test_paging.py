"""Lists in pages."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.ui.paging import Beginning, Pages

pytestmark = pytest.mark.django_db


def test_a_list_that_fits_on_one_page_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    PersonFactory.create_batch(3)
    with django_assert_num_queries(1):
        page = Pages(Person.objects.order_by("number"), 3).get_page("1")
        assert (len(list(page)), page.paginator.count, page.has_other_pages()) == (3, 3, False)


def test_a_longer_list_has_its_pages() -> None:
    people = sorted(PersonFactory.create_batch(5), key=lambda person: person.number)
    pages = Pages(Person.objects.order_by("number"), 2)
    assert [len(list(pages.get_page(number))) for number in (1, 2, 3)] == [2, 2, 1]
    assert (pages.count, list(pages.get_page(2))) == (5, people[2:4])


def test_an_empty_list_is_one_empty_page() -> None:
    page = Pages(Person.objects.order_by("number"), 2).get_page("7")
    assert (list(page), page.number) == ([], 1)


def test_the_beginning_of_a_list_says_how_long_the_whole_is(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    people = sorted(PersonFactory.create_batch(5), key=lambda person: person.number)
    listed = Person.objects.order_by("number")
    with django_assert_num_queries(2):
        first: Beginning[Person] = Beginning.of(listed, 3)
    assert (first, first.total, first.is_cut) == (people[:3], 5, True)
    assert (first.each(lambda person: person.number).total, first.each(lambda person: person.number)[0]) == (5, people[0].number)
    with django_assert_num_queries(1):
        whole: Beginning[Person] = Beginning.of(listed, 5)
    assert (whole, whole.total, whole.is_cut) == (people, 5, False)


def test_rows_that_say_how_many_there_are_begin_a_list() -> None:
    assert Beginning.counted([("a", 1, 3), ("b", 2, 3)]) == [("a", 1), ("b", 2)]
    assert [Beginning.counted(found).total for found in ([("a", 1, 3), ("b", 2, 3)], [])] == [3, 0]

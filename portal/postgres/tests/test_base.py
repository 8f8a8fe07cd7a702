"""The database engine: prepared statements, and pooled connections that the server has left."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.postgres.base import hung_up, one, planned_once, rows

pytestmark = pytest.mark.django_db


def test_a_prepared_statement_returns_its_rows() -> None:
    assert rows("SELECT place, %s::text FROM generate_series(1, 2) AS place", ["said"]) == [(1, "said"), (2, "said")]


def test_the_first_row_or_none() -> None:
    assert one("SELECT 7") == (7,)
    assert one("SELECT 7 WHERE %(no)s::boolean", {"no": False}) is None


def test_a_statement_is_planned_once() -> None:
    for number in range(3):
        one("SELECT %s::integer + 40000", [number])
    assert one("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%+ 40000'") == (1,)


def test_queries_of_django_are_planned_once_where_asked() -> None:
    from portal.people.models import Person

    found = Person.objects.filter(number="nobody here").only("number")
    with planned_once():
        assert [list(found.all()) for _ in range(3)] == [[], [], []]
    list(found.all())
    kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT \"people_person\"%%'"
    assert one(kept) == (1,)


def test_a_test_that_counts_queries_sees_prepared_statements() -> None:
    with CaptureQueriesContext(connection) as seen:
        one("SELECT %s::integer", [41])
    assert "41" in seen[0]["sql"]


def test_a_statement_in_a_transaction_sees_what_it_wrote() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE noted (word text) ON COMMIT DROP")
        cursor.execute("INSERT INTO noted VALUES ('here')")
    assert one("SELECT word FROM noted") == ("here",)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_noticed_without_a_query() -> None:
    other = connection.copy(alias="other")
    other.ensure_connection()
    assert not hung_up(other.connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [other.connection.info.backend_pid])
    assert hung_up(other.connection)
    other.close()


@pytest.mark.django_db(transaction=True)
def test_the_pool_replaces_a_connection_that_the_server_ended() -> None:
    pooled: Any = connection.copy(alias="pooled")
    pooled.settings_dict = {**pooled.settings_dict, "OPTIONS": {**pooled.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 2}}}
    try:
        pooled.ensure_connection()
        first = pooled.connection.info.backend_pid
        pooled.close()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
        with pooled.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            assert cursor.fetchone() != (first,)
    finally:
        pooled.close()
        pooled.close_pool()

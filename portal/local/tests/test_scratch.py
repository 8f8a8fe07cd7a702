"""What the tests themselves stand on."""

from __future__ import annotations

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection


@pytest.mark.django_db
def test_tests_run_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("candour_app",)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_commits_leaves_nothing_to_the_next_one(turn: int) -> None:
    assert not Group.objects.filter(name="Left over").exists()
    Group.objects.create(name="Left over")


@pytest.mark.django_db(transaction=True)
def test_rows_made_by_migrations_survive_a_test_that_commits() -> None:
    assert Group.objects.filter(name="Professional standards").exists()
    Group.objects.all().delete()


def test_the_owner_sees_the_same_database(owner_connection: psycopg.Connection[tuple[str]]) -> None:
    row = owner_connection.execute("SELECT current_user").fetchone()
    assert row == ("candour_owner",)

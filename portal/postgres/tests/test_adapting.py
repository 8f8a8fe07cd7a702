"""Values arrive as Django's and psycopg's own code would have sent and read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection
from hypothesis import given
from hypothesis import strategies as st

from portal.postgres.base import one

pytestmark = pytest.mark.django_db

TIMES = ["2026-06-01 12:00:00.5+01", "0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00", "2026-11-29 21:37:04-05:30"]


@pytest.mark.parametrize("said", TIMES)
def test_times_are_read_in_utc_whatever_zone_they_were_written_in(said: str) -> None:
    (read,) = one("SELECT %s::text::timestamptz", [said]) or ()
    assert (read, read.tzinfo) == (datetime.fromisoformat(said), UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [said])
        assert cursor.fetchone() == (read,)


@pytest.mark.parametrize("said", ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "12026-01-01 00:00:00+00"])
def test_a_time_that_python_cannot_hold_is_refused_and_not_bent(said: str) -> None:
    with pytest.raises(DataError, match=r"can't parse|can't handle|too (large|small)"):
        one(f"SELECT '{said}'::timestamptz")


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_texts_arrive_as_they_were_given(given: list[str]) -> None:
    assert one("SELECT %b::text[]", [given]) == (given,)


@pytest.mark.parametrize(
    ("kind", "given"), [("text", ["a", None, "b"]), ("text", []), ("text", [["a", "b"], ["c", "d"]]), ("bigint", [1, 2]), ("jsonb", ["{}"])]
)
def test_other_lists_arrive_too(kind: str, given: list[object]) -> None:
    assert one(f"SELECT %b::{kind}[]", [given]) == (given,)


@pytest.mark.parametrize("bad", ["a\0b", "\ud800"])
def test_text_that_postgresql_cannot_hold_is_refused(bad: str) -> None:
    with pytest.raises((DataError, ValueError)):
        one("SELECT %b::text[]", [[bad]])


def test_text_goes_where_another_type_is_asked_for() -> None:
    assert one("SELECT %b::varchar[], 'b' = ANY(%b::text[])", [["a"], ["a", "b"]]) == (["a"], True)

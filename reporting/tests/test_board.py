from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.people.models import Person
from reporting import taking_up
from reporting.choices import Excluded
from reporting.models import Exclusion, Report
from reporting.tests.browsing import signed_in, text
from reporting.tests.making import a_line, age, send, standards_officer

pytestmark = pytest.mark.django_db
BOARD = "/duties/board/"


@pytest.fixture
def client(people: list[Person]) -> Client:
    return signed_in(people[2])


def again(client: Client, etag: str, **query: str) -> Any:
    return client.get(BOARD, query, headers={"If-None-Match": etag})


def test_the_board_is_the_list_alone(client: Client, report: Report) -> None:
    answer = client.get(BOARD)
    assert report.reference in text(answer)
    assert "<html" not in text(answer)
    assert "no-store" in answer["Cache-Control"]


def test_nothing_changed_is_answered_without_a_body(client: Client, report: Report) -> None:
    first = client.get(BOARD)
    answer = again(client, first["ETag"])
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", first["ETag"])
    assert again(client, f"W/{first['ETag']}").status_code == 304


def test_the_page_carries_the_etag_of_what_it_shows(client: Client, report: Report) -> None:
    assert client.get(BOARD)["ETag"] in text(client.get("/duties/"))


@pytest.mark.parametrize("what", ["a minute", "taken up", "another", "gone"])
def test_whatever_the_list_shows_differently_changes_it(what: str, client: Client, people: list[Person], report: Report) -> None:
    before = client.get(BOARD)["ETag"]
    if what == "a minute":
        age(report, minutes=1)
    elif what == "taken up":
        taking_up.take_up(person=people[2], report_id=report.pk)
    elif what == "another":
        send(people[0])
    else:
        Exclusion.objects.create(report=report, person=people[2], why=Excluded.DECLARED)
    answer = again(client, before)
    assert answer.status_code == 200
    assert answer["ETag"] != before


def test_no_two_people_share_an_etag(client: Client, report: Report) -> None:
    other = signed_in(standards_officer())
    assert other.get(BOARD)["ETag"] != signed_in(a_line()[1]).get(BOARD)["ETag"]


def test_asking_again_costs_what_the_list_needs_and_draws_nothing(client: Client, people: list[Person], report: Report) -> None:
    for _ in range(5):
        send(people[0])
    etag = client.get(BOARD)["ETag"]
    with CaptureQueriesContext(connection) as seen:
        assert again(client, etag).status_code == 304
    assert len(seen) <= 3
    assert not any(query["sql"].lstrip().upper().startswith(("INSERT", "UPDATE")) for query in seen.captured_queries)


def test_a_duty_that_is_due_soon_says_what_became_of_it_so_far_too(client: Client, people: list[Person], report: Report) -> None:
    taking_up.take_up(person=people[2], report_id=report.pk)
    age(report, hours=23.5)
    assert "Taken up, due soon" in text(client.get(BOARD))


def test_looking_at_the_board_opens_nothing(client: Client, people: list[Person], report: Report) -> None:
    client.get(BOARD)
    assert report.duties.get().opened_at is None


def test_it_is_filtered_as_the_page_is(client: Client, report: Report) -> None:
    assert "None of your duties match" in text(client.get(BOARD, {"category": "sexual"}))
    assert "You hold no duties" in text(signed_in(a_line()[1]).get(BOARD))


def test_an_excluded_member_of_the_desk_is_shown_and_counted_nothing(people: list[Person]) -> None:
    member = standards_officer()
    empty = signed_in(member).get(BOARD).content
    send(people[0], skip_line=True, excluded={member: Excluded.NAMED})
    assert signed_in(member).get(BOARD).content == empty


def test_somebody_signed_out_is_sent_to_sign_in_and_nothing_is_posted(client: Client, report: Report) -> None:
    assert Client().get(BOARD).status_code == 302
    assert client.post(BOARD).status_code == 405

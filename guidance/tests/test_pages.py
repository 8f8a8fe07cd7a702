from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guidance.models import Acknowledgement
from guidance.publishing import withdraw
from guidance.tests.making import in_days, make_document, make_published, make_submitted, officer
from guidance.tests.test_acknowledging import press
from portal.people.models import Kind, Person

pytestmark = pytest.mark.django_db
ADDRESSES = ["/guidance/", "/guidance/code/", "/guidance/code/changes/", "/guidance/code/question/"]
OWNERS = "/guidance/code/questions/"
Page = Callable[..., str]


@pytest.fixture
def reader() -> Person:
    return officer(kind=Kind.OFFICER)


@pytest.fixture
def page(client: Client, reader: Person) -> Page:
    """What the reader sees at an address."""
    client.force_login(reader)

    def get(address: str, status: int = 200) -> str:
        response = client.get(address)
        assert response.status_code == status
        return " ".join(response.content.decode().split())

    return get


@pytest.mark.parametrize("address", [*ADDRESSES, OWNERS, f"{OWNERS}{uuid.UUID(int=1)}/", "/guidance/code/acknowledge/"])
def test_somebody_not_signed_in_is_sent_to_sign_in(client: Client, address: str) -> None:
    make_published()
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}")


@pytest.mark.parametrize("address", ADDRESSES[1:])
def test_a_document_that_is_not_for_me_does_not_exist_for_me(page: Page, address: str) -> None:
    make_published(kinds=[Kind.STAFF])
    page(address, 404)


@pytest.mark.parametrize("address", ADDRESSES[1:])
def test_a_document_that_is_not_published_or_was_withdrawn_does_not_exist(page: Page, address: str) -> None:
    version = make_submitted(make_document())
    page(address, 404)
    withdraw(document_id=version.document_id, by=officer())
    page(address, 404)


@pytest.mark.parametrize("address", [*ADDRESSES, "/guidance/code/acknowledge/"])
def test_another_method_is_refused(client: Client, reader: Person, address: str) -> None:
    make_published()
    client.force_login(reader)
    assert client.put(address).status_code == 405


def test_the_list_says_what_waits_and_what_is_done(page: Page, reader: Person) -> None:
    assert "No guidance applies to you." in page("/guidance/")
    press(reader, make_published(make_document("done", title="Old note")))
    make_published(make_document("due", title="New note"), acknowledge_by=in_days(3))
    shown = page("/guidance/")
    assert shown.index("New note") < shown.index("To read") < shown.index("Old note") < shown.index("You acknowledged it at")


def test_a_long_list_is_paged(page: Page) -> None:
    author = officer()
    for number in range(26):
        make_published(make_document(f"note-{number}"), author)
    assert "?page=2" in page("/guidance/")
    assert page("/guidance/?page=2").count("app-list__item") == 1
    assert page("/guidance/?page=x").count("app-list__item") == 25


def test_the_page_shows_title_version_date_summary_contents_text_sentence_and_button(page: Page) -> None:
    make_published(summary="Ask first now.")
    shown = page("/guidance/code/")
    assert shown.count("<h1") == 1
    for part in ("The Code</h1>", "Version 1.", "Acknowledge by", "Ask first now.", 'href="#s-purpose"', 'id="s-purpose"'):
        assert part in shown
    ending = shown[shown.index("When you press the button") :]
    assert ending.index("I have read the code.") < ending.index("Acknowledge</button>") < ending.index("I have a question first")
    assert "style=" not in shown


def test_the_first_version_has_no_link_to_changes(page: Page) -> None:
    make_published()
    assert "/changes/" not in page("/guidance/code/")
    assert "This is the first version" in page("/guidance/code/changes/")


def test_a_late_reader_sees_that_it_is_overdue(page: Page) -> None:
    make_published(acknowledge_by=in_days(1))
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert "Overdue" in page("/guidance/code/")
        assert "Overdue" in page("/guidance/")


def test_changes_are_shown_since_the_version_i_acknowledged(page: Page, reader: Person) -> None:
    first = make_published(text="## Apps\n\nYou may use it.")
    press(reader, first)
    make_published(first.document, text="## Apps\n\nYou must not use it.")
    make_published(first.document, text="## Apps\n\nYou may only use it with permission.")
    assert "What changed since version 1, which you acknowledged" in page("/guidance/code/")
    shown = page("/guidance/code/changes/")
    assert "From version 1, which you acknowledged, to version 3." in shown
    assert "<ins>" in shown
    assert "must" not in shown


def test_changes_are_shown_since_the_last_version_to_somebody_who_acknowledged_none(page: Page) -> None:
    first = make_published(text="You may use it.\n\nKeep it.\n\nAsk.")
    make_published(first.document, text="You must use it.\n\nKeep it.\n\nAsk.")
    shown = page("/guidance/code/changes/")
    assert "From version 1 to version 2." in shown
    assert '<del><span class="govuk-visually-hidden">removed: </span>may' in shown
    assert '<ins><span class="govuk-visually-hidden">added: </span>must' in shown
    assert "2 unchanged paragraphs" in shown


def test_script_in_a_text_is_shown_as_words_everywhere(page: Page) -> None:
    first = make_published(text="Old <script>alert(1)</script> [x](javascript:alert(1))", summary="<b>s</b>", sentence="<i>I</i>")
    make_published(first.document, text="New <img src=x onerror=alert(1)>")
    for address in ("/guidance/code/", "/guidance/code/changes/"):
        shown = page(address)
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert 'href="javascript' not in shown


def test_the_page_costs_one_query_beside_session_and_person(
    client: Client, reader: Person, django_assert_max_num_queries: Callable[..., DjangoAssertNumQueries]
) -> None:
    make_published()
    client.force_login(reader)
    client.get("/guidance/code/")
    with django_assert_max_num_queries(3):  # type: ignore[attr-defined]
        client.get("/guidance/code/")


# --- Acknowledging ---


@pytest.fixture
def send(client: Client, reader: Person) -> Callable[..., Any]:
    client.force_login(reader)
    return lambda shown, **options: client.post("/guidance/code/acknowledge/", {"shown": shown}, **options)


def test_pressing_the_button_acknowledges_and_the_page_says_when(send: Any, reader: Person) -> None:
    version = make_published()
    response = send(f"{version.pk}.{version.text_hash}", follow=True)
    assert response.redirect_chain == [("/guidance/code/", 302)]
    assert "You acknowledged version 1 at" in response.content.decode()
    assert "Acknowledge</button>" not in response.content.decode()
    top, _, _ = response.content.decode().partition("In short")
    assert "Your receipt</a>" in top
    assert Acknowledgement.objects.get().person == reader


def test_pressing_it_twice_gives_the_same_page(send: Any) -> None:
    version = make_published()
    for _ in range(2):
        response = send(f"{version.pk}.{version.text_hash}", follow=True)
        assert "You acknowledged version 1 at" in response.content.decode()
    assert Acknowledgement.objects.count() == 1


def test_a_stale_page_says_so_in_words_and_shows_the_newer_version(send: Any) -> None:
    first = make_published()
    make_published(first.document, text="## Purpose\n\nSomething new.")
    shown = send(f"{first.pk}.{first.text_hash}").content.decode()
    assert "Version 2 came out while you were reading version 1, so nothing was acknowledged." in shown
    assert "Something new." in shown
    assert "/guidance/code/changes/" in shown
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize("shown", ["", "x", "1", "1.x", "\0", "9" * 400, "１.é", "1." + "0" * 64 + "\n", "\u202e😀"])
def test_a_form_that_is_not_ours_gets_a_sentence(send: Any, shown: str) -> None:
    make_published()
    response = send(shown)
    assert response.status_code == 200
    assert "Nothing was acknowledged. Read the sentence above the button and press it again" in response.content.decode()


def test_a_body_that_is_not_a_form_gets_the_same_sentence(client: Client, reader: Person) -> None:
    make_published()
    client.force_login(reader)
    response = client.post("/guidance/code/acknowledge/", '{"shown": 1}', content_type="application/json")
    assert "Nothing was acknowledged." in response.content.decode()


def test_a_version_of_another_document_is_a_404(send: Any) -> None:
    make_published()
    other = make_published(make_document("other"))
    assert send(f"{other.pk}.{other.text_hash}").status_code == 404
    assert send(f"{10**17}.{other.text_hash}").status_code == 404


def test_somebody_outside_the_audience_cannot_acknowledge(send: Any) -> None:
    version = make_published(kinds=[Kind.STAFF])
    assert send(f"{version.pk}.{version.text_hash}").status_code == 404


def test_opening_the_address_of_the_button_leads_back_to_the_page(page: Page, client: Client) -> None:
    make_published()
    page("/guidance/code/acknowledge/", 302)
    assert not Acknowledgement.objects.exists()


def test_a_post_without_its_token_acknowledges_nothing(reader: Person) -> None:
    version = make_published()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(reader)
    strict.post("/guidance/code/acknowledge/", {"shown": f"{version.pk}.{version.text_hash}"})
    assert not Acknowledgement.objects.exists()

"""Stores' pages: theirs alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings

from devices import discrepancies, returning
from devices.models import Discrepancy, Handset, Oddity, State
from devices.tests.factories import HandsetFactory, allotted, stores, take
from portal.people.models import Person

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
BAD = ["😀", "\x00", "x" * 5000, "\u202e", "%", "_", "'; --", "<script>"]


@pytest.fixture
def keeper(signed_in_as: SignIn) -> Client:
    return signed_in_as(stores(first_name="Tariq", last_name="Novak"))


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


ADDRESSES = ["/stores/", "/stores/labels/", "/stores/discrepancies/", "/stores/T-1/", "/stores/T-1/label/"]
ACTS = ["/stores/T-1/allot/", "/stores/T-1/do/sanitise/"]


@pytest.mark.parametrize("address", [*ADDRESSES, *ACTS])
def test_anonymous_people_are_sent_to_sign_in(client: Client, address: str) -> None:
    assert client.get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_stores_pages_do_not_exist_for_others(signed_in_as: SignIn, officer: Person, address: str) -> None:
    HandsetFactory(asset_tag="T-1")
    assert signed_in_as(officer).get(address).status_code == 404


@pytest.mark.parametrize("address", ACTS)
def test_others_cannot_act_for_stores(signed_in_as: SignIn, officer: Person, address: str) -> None:
    HandsetFactory(asset_tag="T-1", state=State.RETURNED)
    assert signed_in_as(officer).post(address).status_code == 404
    assert Handset.objects.get().state == State.RETURNED


@pytest.mark.parametrize("address", ADDRESSES)
def test_reading_pages_take_no_post(keeper: Client, address: str) -> None:
    assert keeper.post(address).status_code == 405


@pytest.mark.parametrize("address", ACTS)
def test_acts_take_no_get(keeper: Client, address: str) -> None:
    assert keeper.get(address).status_code == 405


def test_the_board_counts_returns_and_discrepancies(keeper: Client, officer: Person, colleague: Person) -> None:
    take(officer)
    returning.hand_back(holder=officer)
    for what in (Oddity.HELD, Oddity.DIFFERENT):
        discrepancies.report(handset=HandsetFactory(), by=colleague, what=what)
    page = words(keeper.get("/stores/"))
    assert "1 return to confirm" in page
    assert "2 discrepancies to look into" in page


def test_an_empty_stock_says_so(keeper: Client) -> None:
    assert "No handset fits this search" in words(keeper.get("/stores/"))


@pytest.mark.parametrize("by", ["asset_tag", "serial", "imei", "surname", "number"])
def test_a_handset_is_found_by(keeper: Client, officer: Person, by: str) -> None:
    wanted, other = take(officer).handset, HandsetFactory(serial="OTHER")
    typed = {"surname": "okaf", "number": officer.number, "imei": wanted.imei[-6:]}.get(by) or getattr(wanted, by)
    page = words(keeper.get("/stores/", {"q": typed}))
    assert (wanted.asset_tag in page, other.asset_tag in page) == (True, False)


def test_the_board_is_filtered_by_state(keeper: Client, officer: Person) -> None:
    held, free = take(officer).handset, HandsetFactory()
    page = words(keeper.get("/stores/", {"state": "claimed"}))
    assert (held.asset_tag in page, free.asset_tag in page) == (True, False)


@pytest.mark.parametrize("field", ["q", "state", "page"])
@pytest.mark.parametrize("typed", BAD)
def test_odd_searches_never_fail(keeper: Client, field: str, typed: str) -> None:
    HandsetFactory()
    assert keeper.get("/stores/", {field: typed}).status_code == 200


def test_a_long_board_has_pages_and_a_fixed_number_of_queries(keeper: Client, django_assert_max_num_queries: Any) -> None:
    HandsetFactory.create_batch(35)
    with django_assert_max_num_queries(8):
        page = words(keeper.get("/stores/"))
    assert "?page=2" in page


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        ("confirm-return", State.LOST, State.RETURNED),
        ("sanitise", State.RETURNED, State.SANITISED),
        ("stock", State.SANITISED, State.IN_STOCK),
        ("retire", State.IN_STOCK, State.RETIRED),
        ("lost", State.IN_STOCK, State.LOST),
        ("stolen", State.IN_STOCK, State.STOLEN),
    ],
)
def test_each_step_has_its_button(keeper: Client, step: str, before: str, after: str) -> None:
    handset = HandsetFactory(state=before)
    address = f"/stores/{handset.asset_tag}/do/{step}/"
    assert address in words(keeper.get(handset.get_absolute_url()))
    assert keeper.post(address)["Location"] == handset.get_absolute_url()
    handset.refresh_from_db()
    assert handset.state == after


def test_a_step_taken_twice_says_what_the_handset_is_now(keeper: Client) -> None:
    handset = HandsetFactory(state=State.RETURNED)
    for _ in range(2):
        response = keeper.post(f"/stores/{handset.asset_tag}/do/sanitise/", follow=True)
    assert "now marked “Sanitised”" in words(response)


def test_an_unknown_step_is_not_found(keeper: Client) -> None:
    assert keeper.post(f"/stores/{HandsetFactory().asset_tag}/do/melt/").status_code == 404


@pytest.mark.parametrize("address", ["/stores/NONE-1/", "/stores/NONE-1/label/", "/stores/discrepancies/99/close/"])
def test_what_is_not_there_is_not_found(keeper: Client, address: str) -> None:
    assert keeper.get(address).status_code == 404


def test_allotting_tells_the_person(keeper: Client, officer: Person) -> None:
    handset = HandsetFactory()
    page = words(keeper.post(f"/stores/{handset.asset_tag}/allot/", {"number": f" {officer.number} "}, follow=True))
    assert "It is allotted to Constable Ada Okafor (CN), who has been told." in page
    assert Handset.objects.allotted_to(officer).get() == handset


@pytest.mark.parametrize("typed", ["", "999999", *BAD])
def test_allotting_to_nobody_is_refused_beside_the_field(keeper: Client, typed: str) -> None:
    handset = HandsetFactory()
    response = keeper.post(f"/stores/{handset.asset_tag}/allot/", {"number": typed})
    assert (response.status_code, bool(response.context["form"].errors["number"])) == (200, True)


def test_allotting_to_a_holder_is_refused_beside_the_field(keeper: Client, officer: Person) -> None:
    held, handset = take(officer).handset, HandsetFactory()
    page = words(keeper.post(f"/stores/{handset.asset_tag}/allot/", {"number": officer.number}))
    assert f"They hold handset {held.asset_tag} already" in page


def test_a_discrepancy_is_closed_with_what_was_found(keeper: Client, officer: Person) -> None:
    handset = allotted(officer)
    opened = discrepancies.report(handset=handset, by=officer, what=Oddity.DIFFERENT)
    assert "Not the handset that its label says" in words(keeper.get("/stores/discrepancies/"))
    page = words(keeper.post(f"/stores/discrepancies/{opened.pk}/close/", {"note": "Two labels <b>swapped</b>."}, follow=True))
    assert "Two labels &lt;b&gt;swapped&lt;/b&gt;." in page
    assert not Discrepancy.objects.open().exists()


@pytest.mark.parametrize("note", ["", "  ", "\x00", "x" * 1001])
def test_a_discrepancy_is_not_closed_without_a_proper_note(keeper: Client, officer: Person, note: str) -> None:
    opened = discrepancies.report(handset=HandsetFactory(), by=officer, what=Oddity.HELD)
    response = keeper.post(f"/stores/discrepancies/{opened.pk}/close/", {"note": note})
    assert (response.status_code, bool(response.context["form"].errors["note"])) == (200, True)
    assert Discrepancy.objects.open().get() == opened


def test_closing_a_closed_one_says_so(keeper: Client, officer: Person) -> None:
    opened = discrepancies.report(handset=HandsetFactory(), by=officer, what=Oddity.HELD)
    for _ in range(2):
        response = keeper.post(f"/stores/discrepancies/{opened.pk}/close/", {"note": "Seen to."}, follow=True)
    assert "closed already" in words(response)


@override_settings(BASE_URL="https://candour.example")
def test_a_label_opens_the_claim_page_of_its_handset(keeper: Client) -> None:
    handset = HandsetFactory()
    page = words(keeper.get(f"/stores/{handset.asset_tag}/label/"))
    assert f"https://candour.example/handset/claim/{handset.asset_tag}/" in page
    assert ('viewBox="0 0 ' in page, "style=" in page) == (True, False)


def test_labels_are_those_of_the_page_of_the_list(keeper: Client) -> None:
    HandsetFactory.create_batch(3, state=State.RETIRED)
    free = HandsetFactory()
    page = words(keeper.get("/stores/labels/", {"state": "in_stock"}))
    assert (page.count("<svg"), free.asset_tag in page) == (1, True)

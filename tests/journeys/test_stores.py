"""Stores: a handset comes back, is wiped and goes out again; labels; discrepancies."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devices.models import Custody, Discrepancy, Handset, State
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.journeys.steps import CONSTABLE

STORES = "stores@force.example"
looks = pytest.mark.parametrize(("viewport", "javascript"), [(PHONE, False), (DESK, True)], ids=["plain", "desk"])
Visitors = Callable[..., Visitor]


def claim(officer: Visitor, handset: Handset) -> None:
    officer.go(f"/handset/claim/{handset.asset_tag}/")
    officer.page.get_by_label("Last four digits of its IMEI").fill(handset.imei[-4:])
    officer.page.get_by_label("This is the handset in my hand").check()
    officer.page.get_by_label("I accept the terms of issue").check()
    officer.press("Claim this handset")


@looks
def test_a_handset_comes_back_is_wiped_and_goes_into_stock(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    handset = Handset.objects.get(allotted_to__email=CONSTABLE)
    officer = visitor(CONSTABLE, viewport=viewport, javascript=javascript)
    claim(officer, handset)
    officer.go("/handset/")
    officer.press("Hand it back")
    officer.press("I am handing it back")
    officer.go("/handset/")
    officer.sees("It stays in your name until stores confirm")
    stores = visitor(STORES, viewport=viewport, javascript=javascript)
    stores.go("/stores/")
    stores.press("1 return to confirm")
    stores.press(handset.asset_tag)
    stores.sees("Maya Reid")
    stores.press("I have it: confirm the return")
    stores.sees("Its return is confirmed.")
    officer.go("/handset/")
    officer.sees_not("It stays in your name")
    stores.press("It is sanitised")
    stores.press("Put it in stock")
    stores.sees("It is in stock.")
    handset.refresh_from_db()
    assert (handset.state, Custody.objects.filter(handset=handset, ended_at=None).exists()) == (State.IN_STOCK, False)
    stores.press("Allot it")
    stores.sees("There is a problem")
    stores.page.locator("[name=number]").fill("101002")
    stores.press("Allot it")
    stores.sees("It is allotted to Sergeant Tom Hughes (CN)")


@looks
def test_a_label_opens_the_page_on_which_its_handset_is_claimed(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    handset = Handset.objects.get(allotted_to__email=CONSTABLE)
    stores = visitor(STORES, viewport=viewport, javascript=javascript)
    stores.go(f"/stores/{handset.asset_tag}/")
    stores.press("Label to print")
    stores.sees(handset.asset_tag)
    assert stores.page.locator("main svg, main img").count() == 1
    stores.go("/stores/labels/")
    assert stores.page.locator("main svg, main img").count() == 30


@looks
def test_a_discrepancy_is_looked_into_and_closed(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    handset = Handset.objects.get(allotted_to__email=CONSTABLE)
    claim(visitor(CONSTABLE), handset)
    second = visitor("sergeant@force.example", viewport=viewport, javascript=javascript)
    second.page.goto(f"/handset/claim/{handset.asset_tag}/")
    second.complaints.clear()  # a refusal is a 409, which the browser reports as an error
    second.check()
    second.page.get_by_label("Last four digits of its IMEI").fill(handset.imei[-4:])
    second.page.get_by_role("button", name="Tell stores").click()
    second.page.wait_for_load_state()
    second.complaints.clear()
    second.check()
    second.sees("It is in the name of Constable Maya Reid (CN)")
    stores = visitor(STORES, viewport=viewport, javascript=javascript)
    stores.go("/stores/")
    stores.press("1 discrepancy to look into")
    stores.press(handset.asset_tag)
    stores.press("Close the discrepancy")
    stores.sees("There is a problem")
    stores.page.get_by_role("textbox").fill("The sergeant read the tag of a colleague’s handset. 📱")
    stores.press("Close the discrepancy")
    stores.sees("The discrepancy is closed.")
    stores.sees("The sergeant read the tag")
    assert Discrepancy.objects.get().closed_at is not None


def test_the_stock_is_searched_by_tag_and_state_and_paged(visitor: Visitors) -> None:
    stores = visitor(STORES)
    stores.go("/stores/")
    stores.page.locator("[name=q]").fill("MPS-00000")
    stores.press("Search")
    stores.sees("9 handsets")
    stores.go("/stores/?q=&state=retired")
    stores.sees("No handset fits this search")
    stores.go("/stores/?page=2")
    stores.sees("MPS-000031")


def test_stores_pages_are_not_there_for_an_officer(visitor: Visitors) -> None:
    officer = visitor("sergeant@force.example")
    for path in ("/stores/", "/stores/labels/", "/stores/discrepancies/", "/stores/MPS-000001/", "/stores/MPS-000001/label/"):
        officer.go(path, status=404)

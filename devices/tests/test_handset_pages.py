"""The officer's pages: success, anonymous, wrong person, wrong state, wrong method, bad input."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from devices import losing, returning
from devices.claiming import TRIES
from devices.models import AppRule, Custody, Discrepancy, Ending, Handset, Oddity, State, Terms
from devices.tests.factories import HandsetFactory, allotted, take
from portal.people.models import Person

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]

ODD = ["", "   ", "12", "12345", "abcd", "😀😀😀😀", "١٢٣٤", "\x001234", "1" * 5000, "\u202e1234"]


def claim_page(handset: Handset) -> str:
    return reverse("devices:claim_tagged", args=[handset.asset_tag])


def filled(handset: Handset, **changed: str) -> dict[str, str]:
    terms = str(Terms.objects.latest("id").pk)
    return {"last_four": handset.imei[-4:], "terms": terms, "is_this": "on", "accept": "on", **changed}


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


PAGES = [
    "/handset/",
    "/handset/claim/",
    "/handset/claim/MPS-1/",
    "/handset/claim/MPS-1/different/",
    "/handset/lost/",
    "/handset/return/",
    "/handset/apps/",
]


@pytest.mark.parametrize("address", PAGES)
def test_anonymous_people_are_sent_to_sign_in(client: Client, address: str) -> None:
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", ["/handset/", "/handset/claim/", "/handset/apps/"])
def test_reading_pages_take_no_post(signed_in_as: SignIn, officer: Person, address: str) -> None:
    assert signed_in_as(officer).post(address).status_code == 405


@pytest.mark.parametrize("act", ["keep/", "found/MPS-1/", "claim/MPS-1/in-hand/"])
def test_acts_take_no_get(signed_in_as: SignIn, officer: Person, act: str) -> None:
    assert signed_in_as(officer).get(f"/handset/{act}").status_code == 405


# --- claim -------------------------------------------------------------------------------------------------------------------


def test_the_claim_page_asks_for_the_digits_and_shows_the_terms(signed_in_as: SignIn, officer: Person) -> None:
    handset = allotted(officer)
    page = words(signed_in_as(officer).get(claim_page(handset)))
    assert handset.model in page
    assert "I will keep this handset with me" in page
    assert handset.imei[-4:] not in page.replace(handset.asset_tag, "")


def test_an_officer_claims_from_the_label_and_lands_on_their_handset(signed_in_as: SignIn, officer: Person) -> None:
    handset = allotted(officer)
    response = signed_in_as(officer).post(claim_page(handset), filled(handset), follow=True)
    assert response.redirect_chain == [("/handset/", 302)]
    assert "The handset is yours." in words(response)
    assert Custody.objects.open().get().holder == officer


def test_a_claim_costs_eight_queries(signed_in_as: SignIn, officer: Person, django_assert_max_num_queries: Any) -> None:
    """Who asks, the handset, three writes, and the transaction around them."""
    handset, client = allotted(officer), signed_in_as(officer)
    given = filled(handset)
    with django_assert_max_num_queries(8):
        assert client.post(claim_page(handset), given).status_code == 302


def test_a_small_letter_tag_in_the_address_opens_the_same_page(signed_in_as: SignIn, officer: Person) -> None:
    handset = allotted(officer)
    assert signed_in_as(officer).get(claim_page(handset).replace("MPS", "mps")).status_code == 200


def test_a_second_press_of_the_button_is_no_error(signed_in_as: SignIn, officer: Person) -> None:
    handset, client = allotted(officer), signed_in_as(officer)
    for _ in range(2):
        response = client.post(claim_page(handset), filled(handset))
        assert (response.status_code, response["Location"]) == (302, "/handset/")
    assert Custody.objects.count() == 1


@pytest.mark.parametrize("typed", ODD)
def test_digits_that_cannot_be_are_refused_in_words_and_not_counted(signed_in_as: SignIn, officer: Person, typed: str) -> None:
    handset = allotted(officer)
    response = signed_in_as(officer).post(claim_page(handset), filled(handset, last_four=typed))
    assert response.status_code == 200
    assert response.context["form"].errors["last_four"]
    assert not Custody.objects.exists()


def test_the_whole_imei_will_do_for_its_last_four(signed_in_as: SignIn, officer: Person) -> None:
    handset = allotted(officer)
    assert signed_in_as(officer).post(claim_page(handset), filled(handset, last_four=f" {handset.imei} ")).status_code == 302


@pytest.mark.parametrize(("field", "sentence"), [("is_this", "Confirm that this is the handset"), ("accept", "Accept the terms of issue")])
def test_both_boxes_must_be_ticked_and_what_was_typed_stays(signed_in_as: SignIn, officer: Person, field: str, sentence: str) -> None:
    handset = allotted(officer)
    page = words(signed_in_as(officer).post(claim_page(handset), filled(handset, **{field: ""})))
    assert sentence in page
    assert f'value="{handset.imei[-4:]}"' in page


@pytest.mark.parametrize("terms", ["", "0", "x", "-1", "9" * 18, "\x00", "²"])
def test_terms_that_were_not_shown_are_not_accepted(signed_in_as: SignIn, officer: Person, terms: str) -> None:
    handset = allotted(officer)
    response = signed_in_as(officer).post(claim_page(handset), filled(handset, terms=terms))
    assert response.status_code == 200
    assert not Custody.objects.exists()


def test_terms_that_changed_are_shown_again_and_the_next_press_accepts_them(signed_in_as: SignIn, officer: Person) -> None:
    handset, client = allotted(officer), signed_in_as(officer)
    stale = filled(handset)
    Terms.objects.create(text="A promise nobody has read yet.")
    page = words(client.post(claim_page(handset), stale))
    assert "The terms of issue changed" in page
    assert "A promise nobody has read yet." in page
    assert f'name="terms" value="{Terms.objects.latest("id").pk}"' in page
    assert client.post(claim_page(handset), filled(handset)).status_code == 302


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=none"])
def test_a_wrong_content_type_is_an_empty_form(signed_in_as: SignIn, officer: Person, kind: str) -> None:
    response = signed_in_as(officer).post(claim_page(allotted(officer)), data="{}", content_type=kind)
    assert response.status_code in (200, 400)
    assert not Custody.objects.exists()


def test_too_many_wrong_digits_say_how_long_to_wait(signed_in_as: SignIn, officer: Person) -> None:
    handset, client = allotted(officer), signed_in_as(officer)
    wrong = f"{(int(handset.imei[-4:]) + 1) % 10000:04d}"
    pages = [words(client.post(claim_page(handset), filled(handset, last_four=wrong))) for _ in range(TRIES + 1)]
    assert "These are not the last four digits" in pages[0]
    assert "Wait 15 minutes" in pages[-1]


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_tag_has_a_page_of_its_own(signed_in_as: SignIn, officer: Person, method: str) -> None:
    response = getattr(signed_in_as(officer), method)("/handset/claim/MPS-999999/", filled(HandsetFactory()))
    assert response.status_code == 404
    assert "No handset has the tag MPS-999999" in words(response)


@pytest.mark.parametrize("tag", ["%00", "a b", "é", "x" * 200, "..%2f"])
def test_an_address_that_cannot_be_a_tag_is_not_found(signed_in_as: SignIn, officer: Person, tag: str) -> None:
    assert signed_in_as(officer).get(f"/handset/claim/{tag}/").status_code == 404


def test_a_handset_held_by_a_colleague_names_them_only_to_somebody_with_it_in_their_hand(
    signed_in_as: SignIn, officer: Person, colleague: Person
) -> None:
    handset, client = take(colleague).handset, signed_in_as(officer)
    before = client.get(claim_page(handset))
    assert (before.status_code, "is claimed by somebody else" in words(before), "Griffiths" in words(before)) == (200, True, False)
    after = client.post(claim_page(handset), filled(handset))
    assert (after.status_code, "Constable Siân Griffiths (CN)" in words(after)) == (409, True)


def test_the_in_hand_form_tells_stores_and_says_whom_to_ask(signed_in_as: SignIn, officer: Person, colleague: Person) -> None:
    handset = allotted(colleague)
    response = signed_in_as(officer).post(f"{claim_page(handset)}in-hand/", {"last_four": handset.imei[-4:]})
    assert "It is allotted to Constable Siân Griffiths (CN)." in words(response)
    assert Discrepancy.objects.get().what == Oddity.ALLOTTED


@pytest.mark.parametrize("typed", [*ODD, "0000"])
def test_the_in_hand_form_refuses_wrong_digits_without_naming_anybody(
    signed_in_as: SignIn, officer: Person, colleague: Person, typed: str
) -> None:
    handset = take(colleague, HandsetFactory(imei="352099001761481")).handset
    response = signed_in_as(officer).post(f"{claim_page(handset)}in-hand/", {"last_four": typed})
    assert (response.status_code, "Griffiths" in words(response)) == (409, False)
    assert response.context["form"].errors["last_four"]
    assert not Discrepancy.objects.exists()


def test_the_in_hand_form_of_a_handset_that_came_free_goes_to_its_claim_page(signed_in_as: SignIn, officer: Person) -> None:
    handset = allotted(officer)
    response = signed_in_as(officer).post(f"{claim_page(handset)}in-hand/", {"last_four": handset.imei[-4:]})
    assert response["Location"] == claim_page(handset)


@pytest.mark.parametrize("act", ["in-hand", "different"])
def test_acts_on_an_unknown_tag_are_not_found(signed_in_as: SignIn, officer: Person, act: str) -> None:
    assert signed_in_as(officer).post(f"/handset/claim/MPS-999999/{act}/", {"last_four": "1234"}).status_code == 404


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.LOST, "was reported lost or stolen"),
        (State.STOLEN, "was reported lost or stolen"),
        (State.RETIRED, "is retired"),
        (State.RETURNED, "is not ready to be claimed"),
        (State.SANITISED, "is not ready to be claimed"),
    ],
)
def test_each_state_that_forbids_a_claim_has_a_clear_page(signed_in_as: SignIn, officer: Person, state: str, sentence: str) -> None:
    handset, client = HandsetFactory(state=state), signed_in_as(officer)
    assert sentence in words(client.get(claim_page(handset)))
    refused = client.post(claim_page(handset), filled(handset))
    assert (refused.status_code, "Stores have been told" in words(refused)) == (409, True)


def test_a_handset_already_theirs_says_since_when(signed_in_as: SignIn, officer: Person) -> None:
    assert "You have claimed this handset already" in words(signed_in_as(officer).get(claim_page(take(officer).handset)))


def test_somebody_who_holds_another_is_sent_to_hand_it_back(signed_in_as: SignIn, officer: Person) -> None:
    held, other, client = take(officer).handset, HandsetFactory(), signed_in_as(officer)
    assert f"Hand back {held.asset_tag}" in words(client.get(claim_page(other)))
    assert client.post(claim_page(other), filled(other)).status_code == 409


def test_a_label_that_does_not_fit_is_told_to_stores(signed_in_as: SignIn, officer: Person) -> None:
    handset = allotted(officer)
    client = signed_in_as(officer)
    assert "By the stock list this label belongs to" in words(client.get(f"{claim_page(handset)}different/"))
    assert not Discrepancy.objects.exists()
    page = words(client.post(f"{claim_page(handset)}different/", follow=True))
    assert "Stores know that the label" in page
    assert "Claim this handset" not in page
    assert Discrepancy.objects.get().what == Oddity.DIFFERENT
    assert "they have not closed that yet" in words(client.get(claim_page(handset)))


# --- type the tag ------------------------------------------------------------------------------------------------------------


def test_typing_the_tag_leads_to_its_page(signed_in_as: SignIn, officer: Person) -> None:
    response = signed_in_as(officer).get("/handset/claim/", {"asset_tag": " mps-00 0123 "})
    assert response["Location"] == "/handset/claim/MPS-000123/"


@pytest.mark.parametrize("typed", ["", "é", "MPS/1", "\x00", "😀", "x" * 5000, "<b>", "\u202eSPM"])
def test_a_tag_that_cannot_be_is_refused_in_words(signed_in_as: SignIn, officer: Person, typed: str) -> None:
    response = signed_in_as(officer).get("/handset/claim/", {"asset_tag": typed})
    assert (response.status_code, bool(response.context["form"].errors["asset_tag"])) == (200, True)


def test_the_claim_page_offers_the_handset_allotted_to_them(signed_in_as: SignIn, officer: Person, colleague: Person) -> None:
    mine, theirs = allotted(officer), allotted(colleague)
    page = words(signed_in_as(officer).get("/handset/claim/"))
    assert (mine.asset_tag in page, theirs.asset_tag in page) == (True, False)


# --- my handset --------------------------------------------------------------------------------------------------------------


def test_the_holder_sees_who_held_it_before_and_what_to_do(signed_in_as: SignIn, officer: Person, colleague: Person) -> None:
    handset = take(colleague).handset
    losing.report_missing(holder=colleague, how=Ending.LOST)
    Handset.objects.filter(pk=handset.pk).update(state=State.RETURNED)
    for state in (State.SANITISED, State.IN_STOCK):
        Handset.objects.filter(pk=handset.pk).update(state=state)
    take(officer, handset)
    page = words(signed_in_as(officer).get("/handset/"))
    assert "Constable Siân Griffiths (CN)" in page
    assert "Report it lost or stolen" in page


def test_somebody_without_a_handset_is_offered_the_one_allotted_to_them(signed_in_as: SignIn, officer: Person) -> None:
    handset = allotted(officer)
    assert f"Claim {handset.asset_tag}" in words(signed_in_as(officer).get("/handset/"))


def test_somebody_with_nothing_is_told_so(signed_in_as: SignIn, officer: Person, colleague: Person) -> None:
    take(colleague)
    assert "You do not hold a handset." in words(signed_in_as(officer).get("/handset/"))


@pytest.mark.parametrize("many", [1, 6])
def test_my_handset_page_asks_the_same_number_of_queries_however_long_its_history(
    signed_in_as: SignIn, officer: Person, django_assert_max_num_queries: Any, many: int
) -> None:
    handset = take(officer).handset
    for _ in range(many):
        losing.report_missing(holder=officer, how=Ending.LOST)
        losing.find(finder=officer, handset_id=handset.pk)
    client = signed_in_as(officer)
    with django_assert_max_num_queries(6):
        client.get("/handset/")


# --- lost, found, back -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["lost", "stolen"])
def test_lost_or_stolen_takes_two_taps(signed_in_as: SignIn, officer: Person, how: str) -> None:
    take(officer)
    client = signed_in_as(officer)
    assert f'value="{how}"' in words(client.get("/handset/lost/"))
    assert f"You reported it {how}. Stores have been told." in words(client.post("/handset/lost/", {"how": how}, follow=True))
    assert Handset.objects.get().state == how


@pytest.mark.parametrize("how", ["", "returned", "\x00", "x" * 9999, "😀"])
def test_a_loss_that_says_neither_asks_again(signed_in_as: SignIn, officer: Person, how: str) -> None:
    take(officer)
    response = signed_in_as(officer).post("/handset/lost/", {"how": how})
    assert (response.status_code, "Say whether it is lost or stolen." in words(response)) == (200, True)
    assert Handset.objects.get().state == State.CLAIMED


@pytest.mark.parametrize("address", ["/handset/lost/", "/handset/return/"])
def test_somebody_without_a_handset_has_none_to_lose_or_hand_back(signed_in_as: SignIn, officer: Person, address: str) -> None:
    client = signed_in_as(officer)
    assert "You do not hold a handset" in words(client.get(address, follow=True))
    assert "You do not hold a handset" in words(client.post(address, {"how": "lost"}, follow=True))


def test_the_officer_who_lost_it_finds_it_again(signed_in_as: SignIn, officer: Person) -> None:
    handset = take(officer).handset
    losing.report_missing(holder=officer, how=Ending.LOST)
    client = signed_in_as(officer)
    assert "I have found it" in words(client.get("/handset/"))
    assert "is in your name again" in words(client.post(f"/handset/found/{handset.asset_tag}/", follow=True))


def test_finding_a_handset_twice_says_what_it_is_now(signed_in_as: SignIn, officer: Person) -> None:
    handset = take(officer).handset
    page = words(signed_in_as(officer).post(f"/handset/found/{handset.asset_tag}/", follow=True))
    assert "now marked “Claimed”" in page


def test_a_handset_they_never_held_is_not_theirs_to_find(signed_in_as: SignIn, officer: Person, colleague: Person) -> None:
    handset = take(colleague).handset
    losing.report_missing(holder=colleague, how=Ending.LOST)
    assert signed_in_as(officer).post(f"/handset/found/{handset.asset_tag}/").status_code == 404


def test_handing_back_and_keeping_after_all(signed_in_as: SignIn, officer: Person) -> None:
    take(officer)
    client = signed_in_as(officer)
    assert "I am handing it back" in words(client.get("/handset/return/"))
    assert "Stores have been told that it is on its way back." in words(client.post("/handset/return/", follow=True))
    assert "on its way back" not in words(client.post("/handset/return/", follow=True))
    assert "You are keeping it." in words(client.post("/handset/keep/", follow=True))
    assert Handset.objects.get().state == State.CLAIMED


def test_keeping_what_is_not_on_its_way_back_is_refused_in_words(signed_in_as: SignIn, officer: Person) -> None:
    client = signed_in_as(officer)
    assert "You do not hold a handset." in words(client.post("/handset/keep/", follow=True))


def test_a_return_under_way_is_shown_to_its_holder(signed_in_as: SignIn, officer: Person) -> None:
    take(officer)
    returning.hand_back(holder=officer)
    assert "until stores confirm" in words(signed_in_as(officer).get("/handset/return/"))


# --- apps --------------------------------------------------------------------------------------------------------------------


def test_everyone_sees_which_apps_are_blocked_and_why(signed_in_as: SignIn, officer: Person) -> None:
    page = words(signed_in_as(officer).get("/handset/apps/"))
    assert page.index("TikTok") < page.index("WhatsApp") < page.index("Microsoft Teams")
    assert AppRule.objects.get(name="TikTok").reason in page


def test_no_rules_says_whom_to_ask(signed_in_as: SignIn, officer: Person) -> None:
    AppRule.objects.all().delete()
    assert "Ask your stores before you install an app" in words(signed_in_as(officer).get("/handset/apps/"))


def test_the_shipped_rule_on_whatsapp_says_what_the_code_of_conduct_says(signed_in_as: SignIn, officer: Person) -> None:
    assert "written permission of a chief inspector or above" in words(signed_in_as(officer).get("/handset/apps/"))


def test_a_rule_that_an_administrator_wrote_stays_as_it_is() -> None:
    shipped = import_module("devices.migrations.0004_whatsapp_as_the_code_says")
    AppRule.objects.filter(platform_id=shipped.PLATFORM).update(reason="Ask me.")
    shipped.forwards(apps, None)
    assert AppRule.objects.get(platform_id=shipped.PLATFORM).reason == "Ask me."

"""An officer's whole job: claim, acknowledge, send; on a phone, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from devices.models import Custody, Handset
from guidance.models import Acknowledgement
from reporting.models import Draft, Report
from tests.journeys.conftest import DESK, Visitor
from tests.journeys.steps import fill_message, fill_people, fill_response, send_report

CONSTABLE = "constable@force.example"
both = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])


@both
def test_an_officer_claims_the_handset_in_their_hand(visitor: Callable[..., Visitor], javascript: bool) -> None:
    officer = visitor(CONSTABLE, javascript=javascript)
    officer.sees("Waiting for you")
    officer.press("Claim your handset")
    handset = Handset.objects.get(allotted_to__email=CONSTABLE)
    officer.page.get_by_label("Last four digits of its IMEI").fill("0000")
    officer.press("Claim this handset")
    officer.sees("There is a problem")
    officer.page.get_by_label("Last four digits of its IMEI").fill(handset.imei[-4:])
    officer.page.get_by_label("This is the handset in my hand").check()
    officer.page.get_by_label("I accept the terms of issue").check()
    officer.press("Claim this handset")
    assert Custody.objects.get(handset=handset, ended_at=None).holder.email == CONSTABLE
    officer.go("/handset/")
    officer.sees(handset.asset_tag)
    officer.go("/")
    officer.sees_not("Claim your handset")


@both
def test_an_officer_reads_and_acknowledges_guidance(visitor: Callable[..., Visitor], javascript: bool) -> None:
    officer = visitor(CONSTABLE, javascript=javascript)
    officer.go("/guidance/information-code-of-conduct/")
    officer.sees("What changed")
    officer.go("/guidance/information-code-of-conduct/changes/")
    officer.page.go_back()
    officer.press("Acknowledge")
    officer.sees("You acknowledged")
    acknowledgement = Acknowledgement.objects.get(person__email=CONSTABLE)
    assert (acknowledgement.version.number, acknowledgement.text_hash) == (2, acknowledgement.version.text_hash)
    officer.page.go_back()
    officer.page.reload()
    officer.sees("You acknowledged")
    assert Acknowledgement.objects.filter(person__email=CONSTABLE).count() == 1


@both
def test_an_officer_asks_before_acknowledging(visitor: Callable[..., Visitor], javascript: bool) -> None:
    officer = visitor(CONSTABLE, javascript=javascript)
    officer.go("/guidance/information-code-of-conduct/")
    officer.press("I have a question first")
    officer.page.get_by_role("textbox").fill("May I use WhatsApp with a witness?")
    officer.page.locator("main form button").last.click()
    officer.page.wait_for_load_state()
    officer.check()
    assert not Acknowledgement.objects.filter(person__email=CONSTABLE).exists()
    officer.sees("May I use WhatsApp with a witness?")


@both
def test_an_officer_sends_a_report_and_sees_who_holds_the_duty(visitor: Callable[..., Visitor], javascript: bool) -> None:
    officer = visitor(CONSTABLE, javascript=javascript)
    reference = send_report(officer)
    officer.sees("Ada Okafor")
    report = Report.objects.get()
    assert (report.reference, report.duties.get().holder.email) == (reference, "inspector@force.example")  # type: ignore[union-attr]
    officer.go("/")
    officer.sees(reference)
    officer.sees("Not opened yet.")
    officer.go(f"/reports/{reference.lower().replace('-', '')}/")
    assert officer.page.url.endswith(f"/reports/{reference}/")


@both
def test_a_draft_survives_a_closed_browser_and_a_mistake_keeps_what_was_typed(visitor: Callable[..., Visitor], javascript: bool) -> None:
    officer = visitor(CONSTABLE, javascript=javascript)
    officer.press("Report a message")
    officer.page.get_by_label("What did it say?").fill("Typed before the battery went")
    officer.press("Save and continue")
    officer.sees("There is a problem")
    again = visitor(CONSTABLE, javascript=javascript)
    again.go("/reports/")
    again.page.locator("main a[href*='/drafts/']").first.click()
    again.page.wait_for_load_state()
    again.check()
    assert again.page.get_by_label("What did it say?").input_value() == "Typed before the battery went"


def test_a_report_cannot_be_sent_twice_with_the_back_button(visitor: Callable[..., Visitor]) -> None:
    officer = visitor(CONSTABLE)
    send_report(officer)
    officer.page.go_back()
    officer.page.wait_for_load_state()
    officer.page.reload()
    officer.check()
    assert (Report.objects.count(), Draft.objects.count()) == (1, 0)


def test_every_step_of_a_report_stands_at_a_desk_too(visitor: Callable[..., Visitor]) -> None:
    officer = visitor(CONSTABLE, viewport=DESK)
    assert re.fullmatch(r"MR-[2-9A-Z]{4}-[2-9A-Z]{4}", send_report(officer))


def test_an_expired_session_comes_back_to_the_same_form_filled(visitor: Callable[..., Visitor]) -> None:
    officer = visitor()
    officer.sign_in(CONSTABLE)
    officer.press("Report a message")
    officer.page.get_by_label("What did it say?").fill("Typed before the session ran out")
    officer.context.clear_cookies(name="candour_session")
    officer.page.get_by_role("button", name="Save and continue", exact=True).click()
    officer.page.wait_for_load_state()
    officer.complaints.clear()
    officer.sees("Sign in")
    officer.page.get_by_label("Email").fill(CONSTABLE)
    officer.page.get_by_label("Password", exact=True).fill("candour-demo")
    officer.press("Sign in")
    assert officer.page.get_by_label("What did it say?").input_value() == "Typed before the session ran out"


def test_two_officers_claim_one_handset_and_one_is_told_who_to_ask(visitor: Callable[..., Visitor]) -> None:
    handset = Handset.objects.filter(state="in_stock").order_by("asset_tag")[0]
    officers = [visitor("sergeant@force.example"), visitor("superintendent@force.example")]
    for officer in officers:
        officer.go(f"/handset/claim/{handset.asset_tag}/")
        officer.page.get_by_label("Last four digits of its IMEI").fill(handset.imei[-4:])
        officer.page.get_by_label("This is the handset in my hand").check()
        officer.page.get_by_label("I accept the terms of issue").check()
    for officer in officers:
        officer.page.get_by_role("button", name="Claim this handset").click()
        officer.page.wait_for_load_state()
        officer.complaints.clear()  # a refusal is a 409, which the browser reports as an error
        officer.check()
    assert Custody.objects.get(handset=handset, ended_at=None).holder.email == "sergeant@force.example"
    officers[1].sees("Tom Hughes")
    assert handset.discrepancies.count() == 1


@pytest.mark.parametrize("path", ["/nowhere/", "/duties/MR-2222-2222/", "/standards/", "/stores/", "/figures/", "/reports/MR-2222-2222/"])
def test_what_is_not_an_officers_is_not_there(visitor: Callable[..., Visitor], path: str) -> None:
    visitor(CONSTABLE).go(path, status=404)


def test_the_steps_can_be_changed_from_the_check_page(visitor: Callable[..., Visitor]) -> None:
    officer = visitor(CONSTABLE)
    officer.press("Report a message")
    steps: list[Callable[[Visitor], Any]] = [fill_message, fill_people, fill_response]
    for step in steps:
        step(officer)
        officer.press("Save and continue")
    officer.sees("Ada Okafor")
    officer.page.locator("main a", has_text="Change").first.click()
    officer.page.wait_for_load_state()
    officer.check()
    assert "/message/" in officer.page.url

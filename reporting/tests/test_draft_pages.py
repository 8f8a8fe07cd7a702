"""The pages of a draft: what each keeps, refuses and says."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from reporting import sending
from reporting.drafts import drafting
from reporting.models import Draft, Report
from reporting.tests.reporters import MESSAGE, PEOPLE, RESPONSE, a_draft, force, full_draft, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def constable() -> Person:
    return force()[0]


@pytest.fixture
def mine(client: Client, constable: Person) -> Client:
    client.force_login(constable)
    return client


def at(page: str, draft: Draft) -> str:
    return reverse(f"reporting:{page}", kwargs={"draft_id": draft.pk})


def kept(draft: Draft, page: str) -> drafting.Page:
    return drafting.read_pages(draft)[page]


def test_the_first_page_opens_without_making_a_draft(mine: Client) -> None:
    response = mine.get("/reports/new/")
    assert b"have to be sure it breaks a rule" in response.content
    assert b"indecent image of a child" in response.content
    assert b"Do not delete anything" in response.content
    assert not Draft.objects.exists()


@time_machine.travel("2026-06-10T23:30:00Z")
def test_the_day_it_was_seen_is_suggested_in_plain_sight_and_no_time_is(mine: Client, constable: Person) -> None:
    page = mine.get("/reports/new/").content.decode()
    assert "This is today’s date: change it if it was another day." in page
    found = re.findall(r'name="saw_(\w+)"(?: value="(\w+)")?', page)
    assert found == [("day", "11"), ("month", "6"), ("year", "2026"), ("time", "")]
    assert "today’s date" not in mine.get(at("message", a_draft(constable))).content.decode()


def test_saving_the_first_page_makes_one_draft_however_often_it_is_pressed(mine: Client, constable: Person) -> None:
    data = {**MESSAGE, "draft": str(uuid.uuid4())}
    mine.post("/reports/new/", data)
    response = mine.post("/reports/new/", data)
    draft = Draft.objects.get(reporter=constable)
    assert response["Location"] == at("people", draft)
    assert (draft.step, kept(draft, "message").answers is not None) == ("people", True)


def test_a_whole_report_goes_from_the_first_page_to_sent(mine: Client, constable: Person) -> None:
    mine.post("/reports/new/", {**MESSAGE, "draft": str(uuid.uuid4())})
    draft = Draft.objects.get()
    assert mine.post(at("people", draft), PEOPLE)["Location"] == at("response", draft)
    assert mine.post(at("response", draft), RESPONSE)["Location"] == at("check", draft)
    check = mine.get(at("check", draft)).content.decode()
    assert "the duty to act passes to" in check
    assert "The words that were sent" in check
    report = mine.post(at("check", draft))
    found = Report.objects.get(reporter=constable)
    assert report["Location"] == f"/reports/{found.reference}/"
    assert mine.post(at("check", draft))["Location"] == f"/reports/{found.reference}/"


@pytest.mark.parametrize("page", ["message", "people", "response"])
def test_an_empty_page_is_saved_and_says_what_is_missing(page: str, mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    response = mine.post(at(page, draft), {})
    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()
    assert kept(draft, page).answers is None


def test_what_was_typed_is_kept_even_where_a_field_is_wrong(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    mine.post(at("message", draft), {"message": "Half a sentence", "saw_day": "31", "saw_month": "2", "saw_year": "2025"})
    page = mine.get(at("message", draft)).content.decode()
    assert "Half a sentence" in page
    assert 'value="31"' in page
    assert "There is a problem" not in page


def test_saving_for_later_keeps_everything_and_asks_for_nothing(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    response = mine.post(at("message", draft), {"message": "Later", "action": "later"})
    assert response["Location"] == "/reports/"
    assert kept(draft, "message").typed["message"] == ["Later"]
    assert "Draft saved" in mine.get("/reports/").content.decode()


BAD_MESSAGES: dict[str, tuple[dict[str, Any], str]] = {
    "over-long": ({"message": "x" * 10_001}, "Enter 10,000 characters or fewer"),
    "over-long group": ({"group_name": "x" * 201}, "Enter 200 characters or fewer"),
    "NUL bytes": ({"message": "a\x00b"}, "Hidden characters"),
    "null date": ({"saw_day": "", "saw_month": "", "saw_year": "", "saw_time": ""}, "Enter when you saw it"),
    "part of a date": ({"saw_day": ""}, "must include a day"),
    "not a date": ({"saw_day": "31", "saw_month": "2"}, "must be a real date"),
    "1970": ({"saw_year": "1970"}, "must be 1 January 2000 or later"),
    "no time": ({"saw_time": ""}, "Enter the time"),
    "future": ({"saw_year": str(timezone.localdate().year + 1)}, "must be today or earlier"),
    "sent after it was seen": ({"sent_day": "4", "sent_month": "3", "sent_year": "2025", "sent_time": "9am"}, "must be after it was sent"),
    "nothing said and no file": ({"message": ""}, "attach a file that shows it"),
    "unnamed app": ({"platform": "other"}, "Enter the name of the app"),
    "unknown app": ({"platform": "pigeon"}, "Select a valid choice"),
    "unknown category": ({"categories": ["x\x00"]}, "Select a valid choice"),
}


@pytest.mark.parametrize("case", BAD_MESSAGES)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(case: str, mine: Client, constable: Person) -> None:
    changes, sentence = BAD_MESSAGES[case]
    draft = a_draft(constable)
    page = mine.post(at("message", draft), {**MESSAGE, "group_name": "Kept words", **changes}).content.decode()
    assert sentence in page
    assert "group_name" in changes or "Kept words" in page
    assert kept(draft, "message").answers is None


@pytest.mark.parametrize("words", ["😀 emoji 👮🏽‍♀️", "نص من اليمين إلى اليسار", "\u202ebackwards", "Zoë O’Brien’s\r\nsecond line"])
def test_emoji_and_right_to_left_words_are_kept_as_they_are(words: str, mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    assert mine.post(at("message", draft), {**MESSAGE, "message": words}).status_code == 302
    answers = kept(draft, "message").answers
    assert answers is not None
    assert answers["message"] == words.replace("\r\n", "\n")


@time_machine.travel("2026-06-10T12:00:00Z")
def test_a_moment_a_little_ahead_of_this_clock_is_let_through(mine: Client, constable: Person) -> None:
    draft, soon = a_draft(constable), timezone.localtime() + timedelta(minutes=2)
    day = {"saw_day": soon.day, "saw_month": soon.month, "saw_year": soon.year, "saw_time": f"{soon:%H:%M}"}
    assert mine.post(at("message", draft), {**MESSAGE, **day}).status_code == 302


def test_a_body_that_is_no_form_gets_the_page_again(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    response = mine.post(at("message", draft), data="{}", content_type="application/json")
    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()


def test_the_sender_is_found_by_name_and_kept(mine: Client, constable: Person) -> None:
    sender = PersonFactory(first_name="Wilhelmina", last_name="Ashdown")
    draft = a_draft(constable)
    response = mine.post(at("people", draft), {**PEOPLE, "sender_search": "ashd", "action": "find:sender"})
    assert response["Location"].endswith("#sender")
    assert "Wilhelmina Ashdown" in mine.get(at("people", draft)).content.decode()
    chosen = {**PEOPLE, "sender_search": "ashd", "sender_person": str(sender.pk)}
    assert mine.post(at("people", draft), chosen).status_code == 302
    answers = kept(draft, "people").answers
    assert answers is not None
    assert answers["sender_person"] == str(sender.pk)


@pytest.mark.parametrize("answer", ["no", "unsure"])
@pytest.mark.parametrize("where", ["sender_person", "named"])
def test_whoever_names_a_manager_of_theirs_has_to_say_that_one_took_part(answer: str, where: str, client: Client) -> None:
    constable, _, inspector, *_ = force()
    client.force_login(constable)
    draft = a_draft(constable)
    typed = {**PEOPLE, where: str(inspector.pk), "managers": answer}
    assert f"{inspector.name} manages you. Select “Yes”" in client.post(at("people", draft), typed).content.decode()
    assert client.post(at("people", draft), {**typed, "managers": "yes"}).status_code == 302
    assert client.post(at("people", draft), {**typed, where: str(PersonFactory(rank=30).pk)}).status_code == 302


def test_a_search_that_found_somebody_has_to_be_answered(mine: Client, constable: Person) -> None:
    PersonFactory(last_name="Ashdown")
    page = mine.post(at("people", a_draft(constable)), {**PEOPLE, "sender_search": "ashdown", "others_search": "ashdown"}).content.decode()
    assert "Select the sender, or “None of these”" in page
    assert "Select who took part, or clear the search box" in page


def test_a_search_that_finds_more_than_it_shows_says_so(mine: Client, constable: Person) -> None:
    PersonFactory.create_batch(11, last_name="Okonedo")
    page = mine.post(at("people", a_draft(constable)), {**PEOPLE, "others_search": "okonedo"}).content.decode()
    assert "The first 10 of 11 found. To find somebody else, search by first and last name or by number." in page


@pytest.mark.parametrize("search", ["Nobodysuch", "999999999", "a\x00b", "x" * 200, "%", "😀"])
def test_a_search_that_finds_nobody_says_so(search: str, mine: Client, constable: Person) -> None:
    response = mine.post(at("people", a_draft(constable)), {**PEOPLE, "sender_search": search})
    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()


def test_that_nobody_was_found_is_said_at_the_top_and_at_the_box_and_no_third_time(mine: Client, constable: Person) -> None:
    page = mine.post(at("people", a_draft(constable)), {**PEOPLE, "sender_search": "Nobodysuch"}).content.decode()
    assert page.count("Nobody was found") == 2


def test_the_enter_key_searches_where_a_name_was_typed_and_goes_on_elsewhere(mine: Client, constable: Person) -> None:
    PersonFactory(last_name="Ashdown")
    draft = a_draft(constable)
    for search, place in (("sender_search", "#sender"), ("others_search", "#others")):
        assert mine.post(at("people", draft), {**PEOPLE, search: "ashdown", "action": "enter"})["Location"].endswith(place)
    assert mine.post(at("people", draft), {**PEOPLE, "action": "enter"})["Location"] == at("response", draft)
    assert mine.post(at("message", draft), {**MESSAGE, "action": "enter"})["Location"] == at("people", draft)


def test_the_reporter_is_never_found_nor_accepted(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    mine.post(at("people", draft), {**PEOPLE, "sender_search": constable.number, "action": "find:sender"})
    assert "Nobody was found" in mine.get(at("people", draft)).content.decode()
    page = mine.post(at("people", draft), {**PEOPLE, "named": [str(constable.pk)]}).content.decode()
    assert "Select a valid choice" in page


def test_people_ticked_stay_while_others_are_searched_for(mine: Client, constable: Person) -> None:
    first, second = PersonFactory(last_name="Firstly"), PersonFactory(last_name="Secondly")
    draft = a_draft(constable)
    data = {**PEOPLE, "named": [str(first.pk)], "others_search": "secondly", "action": "find:others"}
    mine.post(at("people", draft), data)
    page = mine.get(at("people", draft)).content.decode()
    assert "Firstly" in page
    assert "Secondly" in page
    both = {**PEOPLE, "named": [str(first.pk), str(second.pk)], "others_search": "secondly"}
    assert mine.post(at("people", draft), both).status_code == 302


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"at_risk_now": "yes"}, "Enter who is at risk"),
        ({"challenged": "yes"}, "Enter what you said or did"),
        ({"confidential": ""}, "Select whether to keep your name"),
        ({"device": "x"}, "Select a valid choice"),
    ],
)
def test_the_third_page_says_what_is_missing(changes: dict[str, str], sentence: str, mine: Client, constable: Person) -> None:
    assert sentence in mine.post(at("response", a_draft(constable)), {**RESPONSE, **changes}).content.decode()


def test_of_a_message_to_one_person_nobody_is_asked_about_a_group(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    mine.post(at("message", draft), {**MESSAGE, "setting": "one_to_one"})
    assert "Does the other person manage you?" in mine.get(at("people", draft)).content.decode()
    mine.post(at("people", draft), PEOPLE)
    assert "still in the group" not in mine.get(at("response", draft)).content.decode()
    asked = {name: value for name, value in RESPONSE.items() if name != "still_in"}
    assert mine.post(at("response", draft), asked)["Location"] == at("check", draft)
    assert "Still in the group" not in mine.get(at("check", draft)).content.decode()
    assert sending.all_answers(draft)["still_in"] == "not_group"


def test_whoever_reports_a_group_cannot_say_that_it_was_none(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    mine.post(at("message", draft), MESSAGE)
    assert "It was not a group" not in mine.get(at("response", draft)).content.decode()
    page = mine.post(at("response", draft), {**RESPONSE, "still_in": "not_group"}).content.decode()
    assert "Select a valid choice" in page


def test_what_was_said_of_the_group_follows_the_first_page_when_that_changes(mine: Client, constable: Person) -> None:
    left = full_draft(constable, setting="one_to_one")
    assert sending.all_answers(left)["still_in"] == "not_group"
    joined = full_draft(constable, still_in="not_group")
    assert mine.get(at("check", joined))["Location"] == at("response", joined)


def test_the_check_page_goes_back_to_the_first_page_that_is_not_finished(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    mine.post(at("message", draft), MESSAGE)
    assert mine.get(at("check", draft))["Location"] == at("people", draft)
    assert mine.post(at("check", draft))["Location"] == at("check", draft)


def test_discarding_asks_first_and_erases(mine: Client, constable: Person) -> None:
    draft = full_draft(constable)
    assert "Discard this draft?" in mine.get(at("discard", draft)).content.decode()
    assert mine.post(at("discard", draft))["Location"] == "/reports/"
    assert not Draft.objects.exists()


@pytest.mark.parametrize("page", ["message", "people", "response", "check", "discard"])
def test_a_colleagues_draft_does_not_exist(page: str, client: Client, constable: Person) -> None:
    draft = full_draft(constable)
    client.force_login(PersonFactory())
    assert client.get(at(page, draft)).status_code == 404
    assert client.post(at(page, draft), MESSAGE).status_code == 404
    assert Draft.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("page", ["message", "people", "response", "check", "discard"])
def test_signing_in_comes_first(page: str, client: Client, constable: Person) -> None:
    assert client.get(at(page, full_draft(constable)))["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("page", ["message", "people", "response", "check"])
def test_a_draft_that_was_sent_leads_to_its_report(page: str, mine: Client, constable: Person) -> None:
    report = sent(constable)
    address = reverse(f"reporting:{page}", kwargs={"draft_id": report.pk})
    assert mine.get(address)["Location"] == f"/reports/{report.reference}/"
    assert mine.post(address, {"platform": "whatsapp"})["Location"] == f"/reports/{report.reference}/"


@pytest.mark.parametrize("page", ["message", "people", "response"])
def test_what_is_written_into_a_draft_that_was_sent_in_another_tab_is_shown(page: str, mine: Client, constable: Person) -> None:
    report = sent(constable)
    answer = mine.post(reverse(f"reporting:{page}", kwargs={"draft_id": report.pk}), MESSAGE)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "This report was sent already" in shown
    assert MESSAGE["message"] in shown
    assert f'href="/reports/{report.reference}/#add"' in shown


@pytest.mark.parametrize("step", ["evidence.check", "drafting.setting_of"])
def test_a_draft_discarded_in_another_tab_while_it_is_saved_shows_what_was_written(
    step: str, mine: Client, constable: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = full_draft(constable)
    monkeypatch.setattr(f"reporting.views.drafts.{step}", lambda _: drafting.discard_draft(reporter=constable, draft_id=draft.pk))
    answer = mine.post(at("message", draft), {**MESSAGE, "attachments": SimpleUploadedFile("a.txt", b"words")})
    assert answer.status_code == 404
    assert "What you wrote was not saved" in answer.content.decode()
    assert MESSAGE["message"] in answer.content.decode()


def test_discard_pressed_twice_at_once_leads_to_the_list_both_times(
    mine: Client, constable: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, discard = full_draft(constable), drafting.discard_draft

    def twice(**about: Any) -> None:
        discard(**about)
        discard(**about)

    monkeypatch.setattr("reporting.views.drafts.drafting.discard_draft", twice)
    assert mine.post(at("discard", draft))["Location"] == "/reports/"


@pytest.mark.parametrize("page", ["message", "people", "response", "check", "discard"])
def test_only_get_and_post_are_answered(page: str, mine: Client, constable: Person) -> None:
    assert mine.put(at(page, full_draft(constable))).status_code == 405


@pytest.mark.parametrize("key", ["", "not-a-key", "\x00"])
def test_a_new_report_with_a_broken_key_is_not_found(key: str, mine: Client) -> None:
    assert mine.post("/reports/new/", {**MESSAGE, "draft": key}).status_code == 404


def test_too_many_drafts_are_refused_in_words_and_the_page_stays_filled(mine: Client, constable: Person) -> None:
    for _ in range(drafting.MOST):
        a_draft(constable)
    page = mine.post("/reports/new/", {**MESSAGE, "draft": str(uuid.uuid4())}).content.decode()
    assert "Send one or discard one" in page
    assert "The words that were sent" in page


def test_sending_needs_the_pages_own_token(constable: Person) -> None:
    draft, strict = full_draft(constable), Client(enforce_csrf_checks=True)
    strict.force_login(constable)
    assert strict.post(at("check", draft)).status_code == 403
    assert Draft.objects.filter(pk=draft.pk).exists()


def test_a_new_report_cannot_take_a_colleagues_draft(mine: Client) -> None:
    theirs = a_draft(PersonFactory())
    assert mine.post("/reports/new/", {**MESSAGE, "draft": str(theirs.pk)}).status_code == 404

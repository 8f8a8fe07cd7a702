from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting.choices import Category, DutyState, Outcome
from reporting.contents import Contents
from reporting.escalation import lapsing
from reporting.models import Decision, Duty, Message, Report
from reporting.tests.browsing import in_one_line, signed_in, text
from reporting.tests.making import age, chain, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db
ACTS = ["take-up", "ask", "tell", "act", "pass", "step-aside"]
DONE = {"outcome": "local", "reasons": "Spoke to the group.", "shared": "Dealt with."}


@pytest.fixture
def inspector(people: list[Person]) -> Person:
    return people[2]


@pytest.fixture
def holder(inspector: Person) -> Client:
    return signed_in(inspector)


def test_the_list_says_how_long_is_left_and_shows_no_words_of_the_report(holder: Client, report: Report) -> None:
    page = text(holder.get("/duties/"))
    assert report.reference in page
    assert "1 hour 59 minutes to open" in page
    assert "words of the message" not in page


def test_somebody_without_duties_is_told_so() -> None:
    assert "You hold no duties." in text(signed_in(PersonFactory()).get("/duties/"))


def test_the_list_is_filtered_and_says_when_nothing_matches(holder: Client, report: Report) -> None:
    assert report.reference in text(holder.get("/duties/", {"state": "sent", "category": "racist", "unit": "CN"}))
    assert "None of your duties match" in text(holder.get("/duties/", {"category": "sexual"}))
    assert report.reference in text(holder.get("/duties/", {"category": "no such thing", "page": "x"}))


def test_duties_held_before_are_listed_on_request(holder: Client, report: Report) -> None:
    age(report, hours=3)
    lapsing.fire_due()
    assert "You hold no duties." in text(holder.get("/duties/"))
    assert "Deadline missed" in text(holder.get("/duties/", {"state": "ended"}))


def test_the_most_urgent_comes_first_and_what_is_overdue_is_marked(people: list[Person]) -> None:
    member = standards_officer()
    later, overdue = send(people[0], skip_line=True), send(people[0], skip_line=True)
    age(overdue, days=4)
    lapsing.fire_due()
    page = text(signed_in(member).get("/duties/"))
    assert page.index(overdue.reference) < page.index(later.reference)
    assert "Overdue" in page
    assert overdue.reference in text(signed_in(member).get("/duties/", {"state": "overdue"}))


@pytest.mark.parametrize("address", ["/duties/", "/standards/"])
def test_what_a_desk_has_not_opened_in_time_says_how_late_it_is_to_open(people: list[Person], address: str) -> None:
    member, report = standards_officer(), send(people[0], skip_line=True)
    age(report, hours=5)
    lapsing.fire_due()
    time = in_one_line(signed_in(member).get(address)).split(report.reference)[1]  # the first is its address
    assert "1 hour overdue to open" in time
    assert "to act" not in time


def test_a_list_of_many_costs_no_more_queries_than_one(holder: Client, people: list[Person], django_assert_max_num_queries: Any) -> None:
    for _ in range(30):
        send(people[0])
    with django_assert_max_num_queries(7):
        page = text(holder.get("/duties/"))
    assert "page=2" in page


def test_opening_the_page_opens_the_duty_and_shows_the_report(holder: Client, report: Report) -> None:
    page = text(holder.get(f"/duties/{report.reference}/"))
    assert "The words of the message." in page
    assert "Take this up" in page
    assert open_duty_of(report).state == DutyState.OPENED


def test_a_browser_that_guesses_ahead_opens_nothing(holder: Client, report: Report) -> None:
    holder.get(f"/duties/{report.reference}/", headers={"sec-purpose": "prefetch"})
    assert chain(report) == ["report.sent", "duty.passed"]


def test_a_mistyped_reference_leads_to_the_right_one(holder: Client, report: Report) -> None:
    response = holder.get(f"/duties/{report.reference.replace('-', '').lower()}/")
    assert response.headers["Location"] == f"/duties/{report.reference}/"


def test_the_reporter_is_named_unless_they_asked_not_to_be(holder: Client, people: list[Person], report: Report) -> None:
    hidden = send(people[0], confidential=True)
    assert people[0].plain_name in text(holder.get(f"/duties/{report.reference}/"))
    page = text(holder.get(f"/duties/{hidden.reference}/"))
    assert people[0].plain_name not in page
    assert "asked for their name to be kept back" in page
    assert "Central North" not in page


def test_a_former_holder_keeps_the_part_they_saw(holder: Client, people: list[Person], report: Report) -> None:
    holder.get(f"/duties/{report.reference}/")
    age(report, days=2)
    lapsing.fire_due()
    signed_in(people[3]).get(f"/duties/{report.reference}/")
    page = text(holder.get(f"/duties/{report.reference}/"))
    assert "You held this duty" in page
    assert "Take this up" not in page
    assert f"{people[3].name_and_unit} opened the report" not in page


@pytest.mark.parametrize("act", ["", *(f"{act}/" for act in ACTS)])
@pytest.mark.parametrize("who", ["stranger", "reporter", "excluded", "next"])
def test_the_duty_of_somebody_else_does_not_exist(people: list[Person], act: str, who: str) -> None:
    accused: Person = PersonFactory(rank=60)
    report = send(people[0], excluded={accused: "sender"})  # type: ignore[dict-item]
    stranger: Person = PersonFactory(rank=60)
    person = {"stranger": stranger, "reporter": people[0], "excluded": accused, "next": people[3]}[who]
    assert signed_in(person).post(f"/duties/{report.reference}/{act}").status_code in (404, 405)
    assert signed_in(person).get(f"/duties/{report.reference}/{act}").status_code in (404, 405)
    assert chain(report) == ["report.sent", "duty.passed"]


@pytest.mark.parametrize("address", ["/duties/", "/duties/{}/", *(f"/duties/{{}}/{act}/" for act in ACTS), "/standards/", "/standards/{}/"])
def test_somebody_not_signed_in_is_asked_to(client: Client, report: Report, address: str) -> None:
    response = client.get(address.format(report.reference))
    assert response.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(("act", "method"), [("", "post"), ("", "head"), ("take-up/", "get"), ("act/", "put"), ("ask/", "delete")])
def test_a_wrong_method_is_refused(holder: Client, report: Report, act: str, method: str) -> None:
    assert getattr(holder, method)(f"/duties/{report.reference}/{act}").status_code == 405


def test_taking_up_is_one_press(holder: Client, report: Report) -> None:
    response = holder.post(f"/duties/{report.reference}/take-up/", follow=True)
    assert "You took this up" in text(response)
    assert open_duty_of(report).state == DutyState.TAKEN_UP


def test_a_question_is_sent(holder: Client, report: Report) -> None:
    response = holder.post(f"/duties/{report.reference}/ask/", {"question": "Who else saw it? 🕵️ \u202eabc"}, follow=True)
    assert "Question sent" in text(response)
    assert "Who else saw it?" in text(response)
    assert Message.objects.get().report == report


def test_an_outcome_is_shown_back_once_before_it_is_final(holder: Client, report: Report) -> None:
    address = f"/duties/{report.reference}/act/"
    assert "Check what you did" in text(holder.post(address, DONE))
    assert not Decision.objects.exists()
    assert "Spoke to the group." in text(holder.post(address, {**DONE, "change": "yes"}))
    response = holder.post(address, {**DONE, "confirmed": "yes"}, follow=True)
    assert "What you did is recorded" in text(response)
    assert Decision.objects.get().outcome == Outcome.LOCAL


def test_an_outcome_sent_twice_is_recorded_once(holder: Client, report: Report) -> None:
    for _ in range(2):
        response = holder.post(f"/duties/{report.reference}/act/", {**DONE, "confirmed": "yes"})
    assert "Nothing was changed" in text(response)
    assert Decision.objects.count() == 1


def test_acting_too_late_says_so_keeps_what_was_typed_and_the_next_press_records_it_late(holder: Client, report: Report) -> None:
    address = f"/duties/{report.reference}/act/"
    holder.get(f"/duties/{report.reference}/")
    age(report, days=2)
    page = text(holder.post(address, {**DONE, "confirmed": "yes"}))
    assert "it is kept as late" in page
    assert "Spoke to the group." in page
    assert not Decision.objects.exists()
    holder.post(address, {**DONE, "late": "on", "confirmed": "yes"})
    assert Decision.objects.get().late
    assert "Record what you did, late" not in text(holder.get(f"/duties/{report.reference}/"))


def test_the_desk_is_not_offered_a_referral_to_itself(people: list[Person]) -> None:
    report = send(people[0], skip_line=True)
    client = signed_in(standards_officer())
    assert "Referred to professional standards" not in text(client.get(f"/duties/{report.reference}/act/"))
    page = text(client.post(f"/duties/{report.reference}/act/", {**DONE, "outcome": "standards"}))
    assert "Select one of the outcomes in the list" in page


BAD = [
    ("ask/", {}, "Enter your question"),
    ("ask/", {"question": "x" * 2001}, "Enter 2,000 characters or fewer"),
    ("ask/", {"question": "a\0b"}, "Hidden characters"),
    ("ask/", {"question": "   "}, "Enter your question"),
    ("act/", {}, "Select the outcome"),
    ("act/", {"outcome": "bribe", "reasons": "x"}, "Select one of the outcomes in the list"),
    ("act/", {"outcome": "no_action"}, "Enter what you did and why"),
    ("act/", {"outcome": "local", "reasons": "x" * 5001}, "Enter 5,000 characters or fewer"),
    ("act/", {"outcome": "local", "reasons": "a\0b", "confirmed": "yes"}, "Hidden characters"),
    ("pass/?q=a", {"reason": "x"}, "Select who takes the duty"),
    ("pass/", {"to": "not a key", "reason": "x"}, "Select somebody from the list"),
    ("step-aside/", {}, "Enter what the conflict of interest is"),
]


@pytest.mark.parametrize(("act", "given", "sentence"), BAD)
def test_bad_input_gets_a_sentence_and_changes_nothing(
    holder: Client, report: Report, act: str, given: dict[str, str], sentence: str
) -> None:
    response = holder.post(f"/duties/{report.reference}/{act}", given)
    assert response.status_code == 200
    assert sentence in text(response)
    assert chain(report) == ["report.sent", "duty.passed"]


@pytest.mark.parametrize("act", ["ask", "act", "pass", "step-aside"])
def test_a_wrong_content_type_is_no_error_of_ours(holder: Client, report: Report, act: str) -> None:
    response = holder.post(f"/duties/{report.reference}/{act}/", "{}", content_type="application/json")
    assert response.status_code == 200


def test_somebody_is_found_and_the_duty_passed_to_them(holder: Client, report: Report) -> None:
    other = PersonFactory(rank=30, last_name="Quartermaine")
    page = text(holder.get(f"/duties/{report.reference}/pass/", {"q": "quarter"}))
    assert str(other.pk) in page
    response = holder.post(f"/duties/{report.reference}/pass/?q=quarter", {"to": str(other.pk), "reason": "Her team."}, follow=True)
    assert "The duty passed to" in text(response)
    assert open_duty_of(report).holder == other


def test_who_lost_the_duty_while_writing_why_to_pass_it_reads_where_it_is_and_keeps_the_words(holder: Client, report: Report) -> None:
    other = PersonFactory(rank=30, last_name="Quartermaine")
    age(report, hours=5)
    page = text(holder.post(f"/duties/{report.reference}/pass/?q=quarter", {"to": str(other.pk), "reason": "She knows the team."}))
    assert "The duty passed to" in page
    assert "She knows the team." in page
    assert "Select somebody" not in page


def test_whoever_chose_somebody_who_left_meanwhile_keeps_the_words(holder: Client, report: Report) -> None:
    other = PersonFactory(rank=30, last_name="Quartermaine", is_active=False)
    page = text(holder.post(f"/duties/{report.reference}/pass/?q=quarter", {"to": str(other.pk), "reason": "She knows the team."}))
    assert "Select somebody from the list" in page
    assert "She knows the team." in page


def test_a_search_that_finds_nobody_says_what_to_do(holder: Client, report: Report) -> None:
    assert "Nobody found who can take this duty" in text(holder.get(f"/duties/{report.reference}/pass/", {"q": "zzz"}))
    assert "Enter a name or a number" in text(holder.get(f"/duties/{report.reference}/pass/", {"q": ""}))


def test_a_desk_member_is_told_that_the_desk_cannot_pass(people: list[Person]) -> None:
    report = send(people[0], skip_line=True)
    page = text(signed_in(standards_officer()).get(f"/duties/{report.reference}/"))
    assert "Pass to somebody else" not in page


def test_who_steps_aside_sees_the_report_no_more(holder: Client, report: Report) -> None:
    response = holder.post(f"/duties/{report.reference}/step-aside/", {"reason": "My brother."}, follow=True)
    assert f"You stepped aside from report {report.reference}" in strip_tags(text(response))
    assert holder.get(f"/duties/{report.reference}/").status_code == 404
    assert report.reference not in text(holder.get("/duties/", {"state": "ended"}))


def test_a_lapse_between_the_page_and_the_press_is_told_in_words(holder: Client, report: Report) -> None:
    holder.get(f"/duties/{report.reference}/")
    age(report, days=2)
    assert "The duty passed to" in text(holder.post(f"/duties/{report.reference}/take-up/", follow=True))
    assert "Who?" in text(holder.post(f"/duties/{report.reference}/ask/", {"question": "Who?"}))
    assert Duty.objects.filter(report=report).count() == 2
    assert not Fact.objects.of_kind("report.asked").exists()


def what_it_says(**fields: Any) -> Contents:
    given: dict[str, Any] = {"senders": [], "named": [], "files": [], "categories": [Category.RACIST], "confidential": False}
    return Contents(**{**given, "answers": {"platform": "whatsapp"}, "at_risk_now": False, **fields})


def test_the_kind_of_message_is_shown_also_where_a_file_is_all_that_was_sent() -> None:
    for answers in ({"platform": "whatsapp", "message": "Words"}, {"platform": "whatsapp"}):
        keys = [row["key"] for row in what_it_says(answers=answers).rows()]
        assert keys[0] == "Kind of message"
        assert "What it said" not in keys


def test_who_is_at_risk_comes_before_all_else() -> None:
    answers = {"platform": "whatsapp", "risk": "A colleague"}
    assert what_it_says(answers=answers, at_risk_now=True).rows()[0] == {"key": "Anybody at risk now", "value": "Yes\nA colleague"}


def test_the_bar_leads_whoever_holds_the_duty_to_its_acts_and_nobody_else(holder: Client, report: Report) -> None:
    page = f"/duties/{report.reference}/"
    assert all(part in text(holder.get(page)) for part in ('href="#acts"', 'id="acts"'))
    age(report, days=2)
    lapsing.fire_due()
    assert 'href="#acts"' not in text(holder.get(page))


def test_what_is_recorded_late_does_not_say_that_a_duty_ends(holder: Client, report: Report) -> None:
    said = "Your duty ends and the desk's begins"
    assert said in text(holder.get(f"/duties/{report.reference}/act/"))
    age(report, days=2)
    lapsing.fire_due()
    late = text(holder.get(f"/duties/{report.reference}/act/"))
    assert said not in late
    assert late.count("Say below whom you told and when") == 2

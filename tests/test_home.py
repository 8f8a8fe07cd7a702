"""The front page: what waits, in order of need, and where one's reports are."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from devices.discrepancies import report
from devices.models import Oddity
from devices.returning import hand_back
from devices.tests.factories import HandsetFactory, allotted, take
from guidance.acknowledging import acknowledge
from guidance.asking import ask as ask_about_guidance
from guidance.publishing import send_back
from guidance.tests.making import make_document, make_published, make_submitted
from portal import home
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.requests.choices import Ground
from portal.ui import words
from reporting.asking import ask
from reporting.choices import DutyState, Excluded
from reporting.confidence import naming
from reporting.erasure import erasing
from reporting.escalation import lapsing
from reporting.models import Exclusion
from reporting.taking_up import take_up
from reporting.tests.browsing import signed_in
from reporting.tests.making import RUNGS, a_line, age, send, standards_officer
from reporting.waiting import Held

pytestmark = pytest.mark.django_db
TASK = re.compile(r'govuk-task-list__link"\s+href="([^"]+)"[^>]*>(.+?)</a>')


def page_of(person: Person) -> str:
    client = signed_in(person)
    answer = client.get("/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def tasks_of(person: Person) -> list[str]:
    return [strip_tags(text) for _, text in TASK.findall(page_of(person))]


def test_anonymous_is_sent_to_sign_in() -> None:
    answer = Client().get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")


def test_the_front_page_is_only_read() -> None:
    client = signed_in(PersonFactory())
    assert client.post("/").status_code == 405


def test_nothing_waiting_says_so_and_still_offers_to_report() -> None:
    page = page_of(PersonFactory())
    assert "Nothing is waiting for you." in page
    assert "Report a message" in page
    assert "My reports</h2>" not in page


def test_duties_come_first_then_questions_the_handset_and_guidance() -> None:
    constable, _, inspector, chief, _ = a_line()
    held, asked = send(constable), send(inspector)
    ask(person=chief, report_id=asked.pk, question="Which group was it?")
    allotted(inspector)
    make_published(make_document(title="The Code"))
    assert tasks_of(inspector) == [
        f"Open report {held.reference}",
        f"Answer a question about report {asked.reference}",
        "Claim your handset",
        "The Code, version 1",
    ]


def test_a_duty_that_is_open_is_to_be_acted_on() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    take_up(person=inspector, report_id=report.pk)
    assert tasks_of(inspector) == [f"Act on report {report.reference}"]


def test_five_lines_at_most_and_the_number_of_the_rest() -> None:
    constable, _, inspector, *_ = a_line()
    for _ in range(7):
        send(constable)
    allotted(inspector)
    page = page_of(inspector)
    assert len(TASK.findall(page)) == 5
    assert "And 3 more, under duties and handset." in strip_tags(page)


def test_the_rest_is_said_to_be_where_it_is() -> None:
    member = standards_officer()
    for _ in range(5):
        send(a_line()[0], skip_line=True)
    asked = send(a_line()[0])
    erasing.ask_to_erase(person=standards_officer(), report_id=asked.pk, ground=Ground.ORDER, reason="Order 12.")
    allotted(member)
    make_published(make_document())
    page = page_of(member)
    assert "And 3 more, under standards, handset and guidance." in strip_tags(page)
    assert 'href="/standards/">standards</a>' in page


def test_all_that_waits_for_a_second_person_is_counted() -> None:
    member, asker = standards_officer(), standards_officer()
    for _ in range(7):
        erasing.ask_to_erase(person=asker, report_id=send(a_line()[0]).pk, ground=Ground.ORDER, reason="Order 12.")
    assert "And 2 more, under standards." in strip_tags(page_of(member))


def test_who_holds_very_many_duties_is_told_of_at_least_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "COUNTED", 6)
    constable, _, inspector, *_ = a_line()
    for _ in range(7):
        send(constable)
    assert "And at least 1 more, under" in page_of(inspector)


@pytest.mark.parametrize(
    ("minutes", "colour"), [(-1, "red"), (59, "red"), (61, "yellow"), (600, "yellow")], ids=["overdue", "under an hour", "over", "later"]
)
def test_a_deadline_is_red_within_an_hour_of_it_and_after_it(minutes: int, colour: str) -> None:
    at = timezone.now()
    due = at + timedelta(minutes=minutes)
    text, shown = home.due_tag(Held("MR-2222-2222", DutyState.SENT, due, due, due), due, at)
    assert shown == colour
    assert text.startswith("Due ") == (minutes > 0)


def test_an_overdue_duty_that_could_not_fire_says_by_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lapsing, "fire_shown", lambda _: 0)  # as while the portal is read-only
    constable, _, inspector, *_ = a_line()
    age(send(constable, rungs=RUNGS), minutes=130)
    assert "10 minutes overdue" in page_of(inspector)


def test_guidance_is_blue_until_its_day_has_passed_and_then_overdue() -> None:
    make_published(make_document(title="The Code"))  # to be acknowledged within fourteen days
    person, at = PersonFactory(), timezone.now()
    tags = [[task["tag"] for task in home.guidance_tasks(person, at + timedelta(days=days))] for days in (14, 15)]
    assert tags == [[f"Acknowledge by {words.day(timezone.localdate() + timedelta(days=14))}"], ["Overdue"]]
    assert [task["colour"] for task in home.guidance_tasks(person, at + timedelta(days=15))] == ["red"]


def test_acknowledged_guidance_and_a_claimed_handset_wait_no_more() -> None:
    officer = PersonFactory()
    version = make_published(make_document(slug="code"))
    acknowledge(person=officer, slug="code", version_id=version.pk, text_hash=version.text_hash)
    take(officer)
    assert "Nothing is waiting for you." in page_of(officer)


def test_my_reports_say_who_holds_the_duty() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    page = page_of(constable)
    assert f"/reports/{report.reference}/" in page
    assert f"With {inspector.name} since" in page
    assert "Not opened yet." in page


def test_a_reporter_is_not_shown_the_reports_of_others() -> None:
    constable, *_ = a_line()
    report = send(constable)
    assert report.reference not in page_of(PersonFactory())


def test_stores_see_returns_to_confirm_and_nobody_else_does() -> None:
    holder, keeper = PersonFactory(), PersonFactory()
    keeper.groups.add(Group.objects.get_or_create(name=Role.STORES)[0])
    take(holder)
    hand_back(holder=holder)
    assert tasks_of(keeper) == ["Confirm 1 return"]
    assert "Nothing is waiting for you." in page_of(PersonFactory())


def test_stores_see_that_discrepancies_wait_and_nobody_else_does() -> None:
    finder, keeper = PersonFactory(), PersonFactory()
    keeper.groups.add(Group.objects.get_or_create(name=Role.STORES)[0])
    report(handset=HandsetFactory(), by=finder, what=Oddity.DIFFERENT)
    assert tasks_of(keeper) == ["Look into a discrepancy"]
    report(handset=HandsetFactory(), by=finder, what=Oddity.DIFFERENT)
    assert tasks_of(keeper) == ["Look into 2 discrepancies"]
    assert "Nothing is waiting for you." in page_of(finder)


def test_the_second_person_sees_what_a_colleague_asked_for_and_whoever_asked_does_not() -> None:
    one, other, hidden = standards_officer(), standards_officer(), standards_officer()
    report = send(a_line()[0], confidential=True)
    Exclusion.objects.create(report=report, person=hidden, why=Excluded.FOUND)
    naming.ask_to_open(person=one, report_id=report.pk, reason="A witness has to be asked.")
    erasing.ask_to_erase(person=one, report_id=report.pk, ground=Ground.ORDER, reason="Order 12.")
    wishes = ("open the name in", "erase")
    assert tasks_of(other) == [f"Decide whether to {wish} report {report.reference}" for wish in wishes]
    assert f"/standards/{report.reference}/name/" in page_of(other)
    assert tasks_of(one) == tasks_of(hidden) == tasks_of(PersonFactory()) == []


def test_what_was_decided_waits_for_nobody() -> None:
    one, other = standards_officer(), standards_officer()
    report = send(a_line()[0])
    asked = erasing.ask_to_erase(person=one, report_id=report.pk, ground=Ground.ORDER, reason="Order 12.")
    erasing.REQUESTS.refuse(person=other, key=asked.pk, reason="Not that report.")
    assert tasks_of(other) == []


def test_an_approver_sees_a_version_that_somebody_else_submitted() -> None:
    approver, author = PersonFactory(), PersonFactory()
    for person in (approver, author):
        person.groups.add(Group.objects.get_or_create(name=Role.GUIDANCE_APPROVER)[0])
    version = make_submitted(make_document(title="The Code"), author=author)
    assert tasks_of(approver) == ["Approve The Code, version 1"]
    assert f"/admin/guidance/version/{version.pk}/change/" in page_of(approver)
    assert tasks_of(author) == tasks_of(PersonFactory()) == []
    send_back(version_id=version.pk, approver=approver)
    assert tasks_of(approver) == []


def test_whoever_answers_questions_about_guidance_sees_how_many_wait() -> None:
    author = PersonFactory()
    author.groups.add(Group.objects.get_or_create(name=Role.GUIDANCE_AUTHOR)[0])
    version = make_published(make_document(slug="code", title="The Code", owner=author))
    acknowledge(person=author, slug="code", version_id=version.pk, text_hash=version.text_hash)
    for _ in range(2):
        ask_about_guidance(person=PersonFactory(), slug="code", text="May I?", key=uuid.uuid4())
    page = page_of(author)
    assert "Answer 2 questions about The Code" in page
    assert "/guidance/code/questions/" in page

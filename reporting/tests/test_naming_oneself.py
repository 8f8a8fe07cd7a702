from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from portal.people.models import Person
from portal.vault.sealing import read_text
from reporting import asking
from reporting.models import Draft, Message, Report
from reporting.tests import files
from reporting.tests.browsing import in_one_line
from reporting.tests.making import a_line, open_duty_of, send
from reporting.tests.reporters import force, full_draft

pytestmark = pytest.mark.django_db
ANYWAY = re.compile(r'name="[^"]*anyway"[^>]*value="([0-9a-f]{16})"')


@pytest.fixture
def reporter() -> Person:
    people = force()
    people[0].last_name = "Quillfeather"
    people[0].save()
    return people[0]


@pytest.fixture
def signed_in(client: Client, reporter: Person) -> Client:
    client.force_login(reporter)
    return client


def check_of(draft: Draft) -> str:
    return f"/reports/drafts/{draft.pk}/check/"


def test_a_name_in_a_report_that_keeps_it_back_is_shown_once_before_it_is_sent(signed_in: Client, reporter: Person) -> None:
    draft = full_draft(reporter, confidential=True, message="PC Quillfeather: that is not funny")
    page = in_one_line(signed_in.get(check_of(draft)))
    assert "This names you: “Quillfeather”" in page
    assert "Send it anyway" in page
    signed_in.post(check_of(draft))
    assert not Report.objects.exists()
    (seen,) = ANYWAY.findall(page)
    signed_in.post(check_of(draft), {"anyway": seen})
    assert Report.objects.get().confidential


def test_what_was_added_since_is_shown_too(signed_in: Client, reporter: Person) -> None:
    draft = full_draft(reporter, confidential=True, message="Quillfeather")
    (seen,) = ANYWAY.findall(in_one_line(signed_in.get(check_of(draft))))
    other = full_draft(reporter, confidential=True, message="Quillfeather", group_name=f"Team of {reporter.number}")
    signed_in.post(check_of(other), {"anyway": seen})
    assert not Report.objects.exists()


@pytest.mark.parametrize("changes", [{"confidential": False, "message": "Quillfeather"}, {"confidential": True}])
def test_without_a_name_or_where_none_is_kept_back_nothing_is_asked(signed_in: Client, reporter: Person, changes: dict[str, Any]) -> None:
    draft = full_draft(reporter, **changes)
    assert "names you" not in in_one_line(signed_in.get(check_of(draft)))
    signed_in.post(check_of(draft))
    assert Report.objects.count() == 1


def test_the_pages_say_beside_each_field_what_to_leave_out(signed_in: Client, reporter: Person) -> None:
    kept, shown = full_draft(reporter, confidential=True), full_draft(reporter)
    for page, fields in (("message", 1), ("people", 1), ("response", 2)):
        assert in_one_line(signed_in.get(f"/reports/drafts/{kept.pk}/{page}/")).count("leave out who you are") == fields
        assert "leave out who you are" not in in_one_line(signed_in.get(f"/reports/drafts/{shown.pk}/{page}/"))
    assert "may cost you follow-up" in in_one_line(signed_in.get(f"/reports/drafts/{shown.pk}/response/"))


def question_to(reporter: Person, **fields: Any) -> Message:
    report = send(reporter, **fields)
    holder = open_duty_of(report).holder
    assert holder is not None
    return asking.ask(person=holder, report_id=report.pk, question="Where were you?")


def test_an_answer_that_names_its_writer_is_shown_once_with_every_word_kept(signed_in: Client, reporter: Person) -> None:
    question = question_to(reporter, confidential=True)
    page_of = f"/reports/{question.report.reference}/"
    assert "leave out who you are" in in_one_line(signed_in.get(page_of))
    given = {f"{question.pk}-text": f"At my desk. {reporter.number} Quillfeather"}
    page = in_one_line(signed_in.post(f"{page_of}answer/{question.pk}/", given))
    assert f"This names you: “Quillfeather”, “{reporter.number}”. Send it anyway, or change it." in page
    assert "At my desk." in page
    assert not Message.objects.filter(answers=question).exists()
    seen = next(found for found in ANYWAY.findall(page) if found)
    signed_in.post(f"{page_of}answer/{question.pk}/", {**given, f"{question.pk}-anyway": seen})
    answer = Message.objects.get(answers=question)
    name = f"message-{answer.pk}"
    assert "Quillfeather" in read_text(question.report.container, name)[name]


def test_an_answer_changed_so_that_it_names_nobody_is_sent(signed_in: Client, reporter: Person) -> None:
    question = question_to(reporter, confidential=True)
    signed_in.post(f"/reports/{question.report.reference}/answer/{question.pk}/", {f"{question.pk}-text": "At my desk."})
    assert Message.objects.filter(answers=question).exists()


def test_where_the_name_is_not_kept_back_an_answer_may_name_its_writer(signed_in: Client, reporter: Person) -> None:
    question = question_to(reporter)
    page_of = f"/reports/{question.report.reference}/"
    assert "leave out who you are" not in in_one_line(signed_in.get(page_of))
    signed_in.post(f"{page_of}answer/{question.pk}/", {f"{question.pk}-text": "Quillfeather"})
    assert Message.objects.filter(answers=question).exists()


def test_the_name_of_a_file_counts_and_the_file_is_asked_for_again(signed_in: Client, reporter: Person) -> None:
    report = send(reporter, confidential=True)
    upload = files.upload("chat with Quillfeather.txt", b"[03/03/2025] Ada: hello\n")
    given = {"key": str(uuid.uuid4()), "text": "A file", "attachments": upload}
    page = in_one_line(signed_in.post(f"/reports/{report.reference}/add/", given))
    assert "This names you: “Quillfeather”. Send it anyway, or change it. Attach the files again" in page
    assert not report.attachments.exists()


def test_questions_and_answers_go_both_ways_without_the_name(client: Client) -> None:
    line = a_line()
    line[0].first_name, line[0].last_name = "Xanthe", "Quillfeather"
    line[0].save()
    question = question_to(line[0], confidential=True)
    client.force_login(line[0])
    client.post(f"/reports/{question.report.reference}/answer/{question.pk}/", {f"{question.pk}-text": "On the bus."})
    client.force_login(line[2])
    page = in_one_line(client.get(f"/duties/{question.report.reference}/"))
    assert "The reporter answered a question" in page
    assert "On the bus." in page
    statement = in_one_line(client.get(f"/duties/{question.report.reference}/statement/"))
    receipts = in_one_line(client.get("/receipts/"))
    for seen in (page, statement, receipts, in_one_line(client.get("/duties/")), in_one_line(client.get("/"))):
        assert "Quillfeather" not in seen
        assert "Xanthe" not in seen

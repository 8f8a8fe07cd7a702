from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import desk
from portal.record.models import Fact
from reporting import contents
from reporting.drafts import drafting
from reporting.models import Draft, EscalationRung
from reporting.tests.making import open_duty_of
from reporting.tests.reporters import PEOPLE, a_draft, force, full_draft, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> list[Person]:
    return force()


def page_of(client: Client, draft: Draft, name: str) -> str:
    return html.unescape(client.get(f"/reports/drafts/{draft.pk}/{name}/").content.decode())


def test_not_my_line_of_command_starts_at_professional_standards_and_is_in_the_facts(line: list[Person]) -> None:
    report = sent(line[0], line="not_mine")
    duty = open_duty_of(report)
    assert (duty.seq, duty.holder) == (1, None)
    assert (duty.post and duty.post.code, [level["post"] for level in report.ladder]) == (
        "professional-standards",
        ["professional-standards"],
    )
    assert Fact.objects.for_subject(report.subject).get(kind="report.sent").data["line_skipped"] is True
    assert not Outbox.objects.filter(to__in=line[1:]).exists()
    assert {"key": "Line of command", "value": "Left out"} in contents.read(report).people_rows()


def test_it_starts_there_also_while_the_policy_in_force_ends_at_another_desk(line: list[Person]) -> None:
    EscalationRung.objects.filter(post__isnull=False).update(post=desk(code="cid"))
    for choice in ({"line": "not_mine"}, {"managers": "yes"}):
        assert open_duty_of(sent(line[0], **choice)).post == desk()


def test_without_the_choice_it_goes_to_the_line_of_command(line: list[Person]) -> None:
    report = sent(line[0])
    assert open_duty_of(report).holder == line[2]
    assert Fact.objects.for_subject(report.subject).get(kind="report.sent").data["line_skipped"] is False


def test_the_promise_says_that_the_line_is_left_out_and_who_asked_for_it(client: Client, line: list[Person]) -> None:
    client.force_login(line[0])
    draft = full_draft(line[0], line="not_mine")
    page = page_of(client, draft, "check")
    assert "You asked for it, so your line of command is left out" in page
    assert line[2].plain_name not in page
    draft = full_draft(line[0], line="not_mine", managers="yes")
    assert "Somebody who manages you took part, so your line of command is left out" in page_of(client, draft, "check")


def test_the_page_asks_for_it_in_a_sentence_and_begins_with_the_line(client: Client, line: list[Person]) -> None:
    client.force_login(line[0])
    draft = a_draft(line[0])
    page = page_of(client, draft, "people")
    assert "Nobody who manages you is told: if they work there and can't be left out, you read so before you send it." in page
    (mine,) = re.findall(r'<input[^>]*name="line"[^>]*value="mine"[^>]*>', page)
    assert "checked" in mine
    client.post(f"/reports/drafts/{draft.pk}/people/", {**PEOPLE, "line": "not_mine"})
    assert drafting.read_pages(draft)["people"].answers["line"] == "not_mine"  # type: ignore[index]


def test_another_answer_is_refused_in_words(client: Client, line: list[Person]) -> None:
    client.force_login(line[0])
    draft = a_draft(line[0])
    answer = client.post(f"/reports/drafts/{draft.pk}/people/", {**PEOPLE, "line": "elsewhere"})
    assert "Select who should have your report first" in answer.content.decode()

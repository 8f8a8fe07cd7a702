"""Those who answer for guidance: a question answered, a version written by one person and published by another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from guidance.models import Document, Question, State, Version
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.journeys.steps import CONSTABLE

AUTHOR, APPROVER = "author@force.example", "approver@force.example"
CODE = "information-code-of-conduct"
Visitors = Callable[..., Visitor]


@pytest.mark.parametrize(("viewport", "javascript"), [(PHONE, False), (DESK, True)], ids=["plain", "desk"])
def test_the_owner_answers_a_question_and_the_officer_reads_it(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    officer = visitor(CONSTABLE, viewport=viewport, javascript=javascript)
    officer.go(f"/guidance/{CODE}/question/")
    officer.press("Send question")
    officer.sees("Enter your question")
    officer.page.get_by_role("textbox").fill("May I use WhatsApp with a witness?")
    officer.press("Send question")
    owner = visitor(AUTHOR, viewport=viewport, javascript=javascript)
    owner.go(f"/guidance/{CODE}/questions/")
    owner.sees("Not answered")
    owner.open_link("Constable Maya Reid (CN)")
    owner.sees("May I use WhatsApp with a witness?")
    owner.press("Send answer")
    owner.sees("Enter your answer")
    owner.page.get_by_label("Your answer").fill("Only with permission. شكرا 👍")
    owner.press("Send answer")
    owner.sees("Only with permission.")
    assert Question.objects.get().answered_by.email == AUTHOR  # type: ignore[union-attr]
    officer.go(f"/guidance/{CODE}/questions/{Question.objects.get().pk}/")
    officer.sees("Only with permission.")
    officer.press("Go back to " + Document.objects.get(slug=CODE).title)
    officer.press("Acknowledge")
    officer.sees("You acknowledged")


def test_questions_are_not_there_for_anybody_else(visitor: Visitors) -> None:
    officer = visitor("sergeant@force.example")
    officer.go(f"/guidance/{CODE}/questions/", status=404)


def test_an_author_writes_a_version_and_another_person_publishes_it(visitor: Visitors) -> None:
    document = Document.objects.get(slug=CODE)
    reader = visitor(CONSTABLE)
    reader.go(f"/guidance/{CODE}/")
    author = visitor(AUTHOR, viewport=DESK)
    author.go("/admin/guidance/version/add/")
    author.page.locator("#id_document").select_option(str(document.pk))
    author.page.locator("#id_summary").fill("Group chats need a policing purpose.")
    author.page.locator("#id_text").fill("# Purpose\n\nKeep messages lawful.\n\n# Messaging apps\n\nHave a policing purpose. 📱")
    author.page.locator("#id_sentence").fill("I have read this and will follow it.")
    author.page.locator("#id_acknowledge_by").fill((timezone.localdate() + timedelta(days=14)).strftime("%d/%m/%Y"))
    author.page.locator("input[name=_save]").click()
    author.page.wait_for_load_state()
    author.check()
    draft = Version.objects.get(document=document, state=State.DRAFT)
    for step in ("preview", "changes"):
        author.go(f"/admin/guidance/version/{draft.pk}/{step}/")
    author.go(f"/admin/guidance/version/{draft.pk}/submit/")
    author.press("Submit for approval")
    author.go(f"/admin/guidance/version/{draft.pk}/publish/", status=403)

    approver = visitor(APPROVER, viewport=DESK)
    approver.go(f"/admin/guidance/version/{draft.pk}/change/")
    approver.press("Approve and publish")
    approver.press("Approve and publish")
    draft.refresh_from_db()
    assert (draft.state, draft.approver.email) == (State.PUBLISHED, APPROVER)  # type: ignore[union-attr]

    reader.press("Acknowledge")  # the page is a version behind
    reader.sees_not("You acknowledged version 2")
    reader.go(f"/guidance/{CODE}/")
    reader.sees("Group chats need a policing purpose.")
    reader.press("Acknowledge")
    reader.sees("You acknowledged version 3")


def test_a_version_sent_back_is_a_draft_again(visitor: Visitors) -> None:
    document = Document.objects.get(slug=CODE)
    people = {version.author for version in document.versions.all()}
    wording = {"text": "# Purpose\n\nShort.", "summary": "Shorter.", "sentence": "I have read this."}
    version = Version.objects.create(
        document=document,
        number=9,
        state=State.SUBMITTED,
        author=people.pop(),
        acknowledge_by=timezone.localdate() + timedelta(days=7),
        **wording,
    )
    approver = visitor(APPROVER, viewport=DESK)
    approver.go(f"/admin/guidance/version/{version.pk}/change/")
    approver.press("Send back to the author")
    approver.press("Send back")
    version.refresh_from_db()
    assert version.state == State.DRAFT

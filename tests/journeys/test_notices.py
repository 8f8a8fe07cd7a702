"""A person chooses how they are told, with and without JavaScript, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail

from portal.notices import reaching
from portal.notices.models import Outbox, State, Way
from portal.notices.tests.making import NEWS, deliver_all, tell
from portal.people.models import Person
from portal.record.appending import now
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.journeys.steps import CONSTABLE, choose

Visitors = Callable[..., Visitor]
looks = pytest.mark.parametrize(("viewport", "javascript"), [(PHONE, True), (PHONE, False), (DESK, True)], ids=["phone", "plain", "desk"])


@pytest.fixture
def officer(force: None, settings: LazySettings, tmp_path: Any) -> Person:
    settings.NOTICE_CHANNELS = ["smtp", "notify_sms", "push"]
    settings.PUSH_KEY_FILE = tmp_path / "vapid.pem"
    person: Person = Person.objects.get(email=CONSTABLE)
    return person


@looks
def test_what_can_wait_waits_and_an_error_leads_to_its_field(visitor: Visitors, officer: Person, viewport: Any, javascript: bool) -> None:
    page = visitor(CONSTABLE, viewport=viewport, javascript=javascript)
    page.go("/")
    page.press("How we tell you")
    choose(page, "Guidance", "Once a day")
    page.page.get_by_label("Text message").check()
    page.press("Save")
    page.sees("Enter the mobile number that texts go to")
    page.page.get_by_role("link", name="Enter the mobile number that texts go to").click()
    page.page.get_by_label("Mobile number").fill("07700 900123")
    page.press("Save")
    page.sees("Saved. We tell you this way from now on.")
    tell(officer, "guidance.waiting:1", NEWS)
    deliver_all()
    assert Outbox.objects.get(dedupe="guidance.waiting:1").state == State.HELD


def test_somebody_we_cannot_reach_learns_it_on_the_front_page_and_says_that_it_works(visitor: Visitors, officer: Person) -> None:
    reaching.mark(person_id=officer.pk, way=Way.SMTP, address=officer.email, why="SMTP 550", at=now())
    page = visitor(CONSTABLE)
    page.go("/")
    page.sees(f"We can’t reach you at {CONSTABLE}")
    page.press("See what you can do")
    page.press("It works: send again")
    page.sees("are on their way")
    mail.outbox.clear()
    deliver_all()
    assert [letter.to for letter in mail.outbox if "test" in str(letter.subject)] == [[CONSTABLE]]

"""A reporter keeps their name back and their line out; two people in professional standards open the name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.people.models import Person
from reporting.tests.making import send, standards_officer
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.journeys.steps import CONSTABLE, choose, fill_message, fill_people, fill_response

STANDARDS = "standards@force.example"


def test_a_reporter_leaves_their_line_out_and_is_shown_that_their_words_name_them(visitor: Callable[..., Visitor]) -> None:
    officer = visitor(CONSTABLE)
    officer.go("/reports/new/")
    fill_message(officer)
    officer.page.get_by_label("What did it say?").fill(f"{Person.objects.get(email=CONSTABLE).plain_name}, you had to be there")
    officer.press("Save and continue")
    fill_people(officer)
    choose(officer, "Who should have your report first?", "Not my line of command")
    officer.press("Save and continue")
    fill_response(officer)
    choose(officer, "Keep your name from the senior officer?", "Yes")
    officer.press("Save and continue")
    officer.sees("This names you")
    officer.sees("your line of command is left out")
    officer.press("Send it anyway")
    officer.sees("Sent")


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_two_people_open_a_name_and_close_it(visitor: Callable[..., Visitor], viewport: dict[str, int]) -> None:
    report = send(Person.objects.get(email=CONSTABLE), confidential=True)
    second = standards_officer(last_name="Second", email="second@force.example")
    asker = visitor(STANDARDS, viewport=viewport)
    asker.go(f"/standards/{report.reference}/")
    asker.sees_not(report.reporter.plain_name)
    asker.open_link("Open the name")
    asker.page.get_by_label("Why do you need the name?").fill("A witness has to be called.")
    choose(asker, "When is the reporter told?", "As soon as the name is opened")
    asker.press("Ask to open the name")
    asker.sees("somebody else in professional standards decides")
    decider = visitor(second.email, viewport=viewport)
    decider.go(f"/standards/{report.reference}/name/")
    decider.sees("A witness has to be called.")
    decider.press("Open the name")
    decider.sees(report.reporter.name_and_unit)
    asker.go(f"/standards/{report.reference}/name/")
    asker.sees("The reporter was told at")
    asker.press("Close the name now")
    asker.sees_not(report.reporter.plain_name)
    asker.go("/standards/stepped-aside/")

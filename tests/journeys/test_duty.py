"""A senior officer's job, and what the officer who reported sees of it: told, opened, taken up, asked, acted, passed on, lapsed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.people.models import Person
from reporting.choices import DutyState
from reporting.escalation import lapsing
from reporting.models import Decision, Duty, Report
from reporting.tests.making import age
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.journeys.steps import CONSTABLE, a_report, choose, confirm_no_action, fill_outcome, send_report

INSPECTOR, CHIEF = "inspector@force.example", "chief.inspector@force.example"
looks = pytest.mark.parametrize(
    ("viewport", "javascript"), [(PHONE, True), (PHONE, False), (DESK, True)], ids=["javascript", "plain", "desk"]
)
Visitors = Callable[..., Visitor]


def newest(report: Report) -> Duty:
    return Duty.objects.filter(report=report).order_by("-seq")[0]


@looks
def test_a_duty_from_told_to_acted(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    constable = visitor(CONSTABLE, viewport=viewport, javascript=javascript)
    reference = send_report(constable)
    inspector = visitor(INSPECTOR, viewport=viewport, javascript=javascript)
    inspector.sees(f"Open report {reference}")
    inspector.go("/duties/")
    inspector.sees("to open")
    inspector.sees_not("A joke about a victim")
    inspector.open_link(reference)
    inspector.sees("A joke about a victim’s accent. 🙁")
    inspector.press("Take this up")
    inspector.sees("You took this up")
    inspector.press("Ask the reporter")
    inspector.press("Send question")
    inspector.sees("Enter your question")
    inspector.page.get_by_label("What do you want to ask?").fill("Who else is in the group?")
    inspector.press("Send question")
    inspector.sees("Who else is in the group?")

    constable.go("/")
    constable.go(f"/reports/{reference}/")
    constable.sees("taken up")
    constable.sees("Who else is in the group?")
    constable.page.get_by_label("Your answer").fill("The whole of response team B.")
    constable.press("Send answer")
    constable.sees("The whole of response team B.")

    inspector.go(f"/duties/{reference}/")
    inspector.sees("The whole of response team B.")
    inspector.press("Record what you did")
    inspector.press("Check and record")
    inspector.sees("Select the outcome")
    fill_outcome(inspector, "Taken up and dealt with locally", "Spoke to the team.", shared="The team was spoken to.")
    inspector.press("Check and record")
    inspector.sees("Check what you did")
    assert not Decision.objects.exists()
    inspector.press("Change it")
    inspector.page.get_by_label("What did you do, and why?").fill("Spoke to the team, one by one.")
    inspector.press("Check and record")
    inspector.press("Record this")
    inspector.sees("What you did is recorded")
    inspector.go("/")
    inspector.sees_not(reference)

    constable.go(f"/reports/{reference}/")
    constable.sees("The team was spoken to.")
    constable.sees_not("one by one")
    constable.go("/")
    constable.sees("Acted")


def test_opening_a_duty_is_recorded_and_shown_to_the_reporter(visitor: Visitors) -> None:
    report = a_report()
    constable = visitor(CONSTABLE)
    constable.go(f"/reports/{report.reference}/")
    constable.sees("Not opened yet")
    visitor(INSPECTOR).go(f"/duties/{report.reference}/")
    assert newest(report).state == DutyState.OPENED
    constable.go(f"/reports/{report.reference}/")
    constable.sees("Inspector Ada Okafor (CN) opened the report")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_missed_deadline_moves_the_duty_up_and_the_inspector_can_still_record(visitor: Visitors, javascript: bool) -> None:
    report = a_report()
    inspector, chief = visitor(INSPECTOR, javascript=javascript), visitor(CHIEF, javascript=javascript)
    inspector.go(f"/duties/{report.reference}/")
    age(report, days=2)
    lapsing.fire_due()
    chief.go("/")
    chief.sees(f"Open report {report.reference}")
    chief.go(f"/duties/{report.reference}/")
    chief.sees("did not act by")
    inspector.go("/duties/")
    inspector.sees("You hold no duties")
    inspector.press("Duties you held before")
    inspector.open_link(report.reference)
    inspector.sees("You held this duty from")
    inspector.press("Record what you did, late")
    inspector.sees("What you record is kept as late")
    fill_outcome(inspector, "No further action", "Spoke to the sender the same evening.")
    inspector.press("Check and record")
    inspector.sees("It is recorded as late.")
    confirm_no_action(inspector)
    inspector.sees_not("Record what you did, late")
    assert (Decision.objects.get().late, newest(report).holder) == (True, Person.objects.get(email=CHIEF))
    chief.go(f"/duties/{report.reference}/")
    chief.sees("late: no further action")
    reporter = visitor(CONSTABLE, javascript=javascript)
    reporter.go(f"/reports/{report.reference}/")
    reporter.sees("Daniel Osei")
    reporter.sees("did not act by")


def test_a_deadline_that_passes_while_an_outcome_is_typed_loses_no_word_of_it(visitor: Visitors) -> None:
    report = a_report()
    inspector = visitor(INSPECTOR)
    inspector.go(f"/duties/{report.reference}/act/")
    fill_outcome(inspector, "No further action", "Typed before the deadline passed.")
    inspector.press("Check and record")
    age(report, days=2)
    confirm_no_action(inspector)
    inspector.sees("Inspector Daniel Osei")
    assert inspector.page.get_by_label("What did you do, and why?").input_value() == "Typed before the deadline passed."
    inspector.press("Check and record")
    confirm_no_action(inspector)
    assert Decision.objects.get().late


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_duty_is_passed_to_somebody_found_by_name(visitor: Visitors, javascript: bool) -> None:
    report = a_report()
    inspector = visitor(INSPECTOR, javascript=javascript)
    inspector.go(f"/duties/{report.reference}/")
    inspector.press("Pass to somebody else")
    inspector.press("Find")
    inspector.sees("Enter a name or a number")
    inspector.page.get_by_label("Name or number of the officer").fill("Nobody Of That Name")
    inspector.press("Find")
    inspector.sees("Nobody found who can take this duty")
    inspector.page.get_by_label("Name or number of the officer").fill("Rahman")
    inspector.press("Find")
    inspector.page.get_by_label("Superintendent Farah Rahman (CN), 101005").check()
    inspector.press("Pass the duty")
    inspector.sees("Enter why you pass it on")
    inspector.page.get_by_label("Why do you pass it on?").fill("She leads the inquiry into this team.")
    inspector.press("Pass the duty")
    inspector.sees("You held this duty from")
    assert newest(report).holder == Person.objects.get(email="superintendent@force.example")
    new = visitor("superintendent@force.example", javascript=javascript)
    new.sees(f"Open report {report.reference}")
    new.go(f"/duties/{report.reference}/")
    new.sees("She leads the inquiry into this team.")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_whoever_steps_aside_sees_the_report_no_more(visitor: Visitors, javascript: bool) -> None:
    report = a_report()
    inspector = visitor(INSPECTOR, javascript=javascript)
    inspector.go(f"/duties/{report.reference}/")
    inspector.press("Step aside")
    inspector.press("Step aside")
    inspector.sees("Enter what the conflict of interest is")
    inspector.page.get_by_label("What is the conflict of interest?").fill("The sender is my brother-in-law.")
    inspector.press("Step aside")
    inspector.sees(f"You stepped aside from report {report.reference}")
    inspector.go(f"/duties/{report.reference}/", status=404)
    inspector.go("/duties/?state=ended")
    inspector.sees_not(f"{report.reference} ")
    chief = visitor(CHIEF, javascript=javascript)
    chief.go(f"/duties/{report.reference}/")
    chief.sees("stepped aside")
    chief.sees_not("brother-in-law")


def test_two_tabs_record_one_outcome_and_the_second_is_told_in_words(visitor: Visitors) -> None:
    report = a_report()
    tabs = [visitor(INSPECTOR), visitor(INSPECTOR)]
    for number, tab in enumerate(tabs):
        tab.go(f"/duties/{report.reference}/act/")
        fill_outcome(tab, "No further action", f"Typed in tab {number}.")
        tab.press("Check and record")
    for tab in tabs:
        confirm_no_action(tab)
    tabs[0].sees("What you did is recorded")
    tabs[1].sees("Nothing was changed")
    tabs[1].sees("You recorded what you did at")
    assert tabs[1].page.get_by_label("What did you do, and why?").input_value() == "Typed in tab 1."
    assert Decision.objects.count() == 1


def test_a_duty_passed_on_in_one_tab_cannot_be_acted_on_in_another(visitor: Visitors) -> None:
    report = a_report()
    inspector, other_tab = visitor(INSPECTOR), visitor(INSPECTOR)
    other_tab.go(f"/duties/{report.reference}/")
    inspector.go(f"/duties/{report.reference}/pass/?q=101005")
    choose(inspector, "Who takes the duty?", "Superintendent Farah Rahman (CN), 101005")
    inspector.page.get_by_label("Why do you pass it on?").fill("She leads the inquiry.")
    inspector.press("Pass the duty")
    other_tab.press("Take this up")
    other_tab.sees("Nothing was changed")
    assert newest(report).state == DutyState.SENT


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_confidential_report_never_shows_the_reporters_name_to_the_holder(visitor: Visitors, javascript: bool) -> None:
    report = a_report(confidential=True)
    inspector = visitor(INSPECTOR, javascript=javascript)
    for path in ("/", "/duties/", f"/duties/{report.reference}/"):
        inspector.go(path)
        assert "Maya" not in inspector.page.content()
        assert "101001" not in inspector.page.content()
    inspector.sees("The reporter asked for their name to be kept back")
    inspector.press("Ask the reporter")
    inspector.page.get_by_label("What do you want to ask?").fill("When did you see it?")
    inspector.press("Send question")
    constable = visitor(CONSTABLE, javascript=javascript)
    constable.go(f"/reports/{report.reference}/")
    constable.page.get_by_label("Your answer").fill("On Monday.")
    constable.press("Send answer")
    inspector.go(f"/duties/{report.reference}/")
    inspector.sees("On Monday.")
    for path in (f"/duties/{report.reference}/", "/duties/?unit=CN"):
        inspector.go(path)
        assert "Reid" not in inspector.page.content()
    inspector.sees("None of your duties match")


def test_the_duties_of_somebody_else_are_not_there(visitor: Visitors) -> None:
    report = a_report()
    sergeant = visitor("sergeant@force.example")
    for tail in ("", "act/", "ask/", "pass/", "step-aside/"):
        sergeant.go(f"/duties/{report.reference}/{tail}", status=404)
    sergeant.go("/duties/")
    sergeant.sees("You hold no duties")

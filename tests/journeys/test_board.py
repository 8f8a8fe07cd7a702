"""The list of duties in a real browser: it keeps itself up to date, has keys of its own, and says when it can't."""

from __future__ import annotations

from collections.abc import Callable

from reporting import taking_up
from reporting.models import Report
from reporting.tests.making import open_duty_of
from tests.journeys.conftest import DESK, Visitor
from tests.journeys.steps import a_report

INSPECTOR = "inspector@force.example"
Visitors = Callable[..., Visitor]
FOCUSED = "document.activeElement.getAttribute('href')"


def ask_now(visitor: Visitor) -> None:
    """As when the tab is looked at again. Waits until the answer is there."""
    with visitor.page.expect_response(lambda answer: "/duties/board/" in answer.url):
        visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def address(report: Report) -> str:
    return f"/duties/{report.reference}/"


def test_the_list_changes_by_itself_and_the_focus_and_what_is_typed_stay(visitor: Visitors) -> None:
    first, second = a_report(), a_report()
    inspector = visitor(INSPECTOR, viewport=DESK)
    inspector.go("/duties/")
    page = inspector.page
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Category").select_option("racist")
    page.locator(f"a[href='{address(second)}']").focus()
    holder = open_duty_of(first).holder
    assert holder is not None
    taking_up.take_up(person=holder, report_id=first.pk)
    third = a_report()
    ask_now(inspector)
    page.get_by_text("Your duties changed: 3 duties.").wait_for()
    inspector.sees(third.reference)
    inspector.sees("Taken up")
    assert page.evaluate(FOCUSED) == address(second)
    assert page.get_by_label("Category").input_value() == "racist"
    inspector.check()


def test_the_keys_move_in_the_list_and_nowhere_else(visitor: Visitors) -> None:
    first, second = a_report(), a_report()
    inspector = visitor(INSPECTOR, viewport=DESK)
    inspector.go("/duties/")
    page = inspector.page
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")
    page.locator(f"a[href='{address(first)}']").focus()
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED) == address(second)
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED) == address(first)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "state"
    page.locator(f"a[href='{address(first)}']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address(first)}")


def test_the_list_says_when_the_portal_is_away_and_when_it_is_back(visitor: Visitors) -> None:
    a_report()
    inspector = visitor(INSPECTOR)
    inspector.go("/duties/")
    inspector.page.route("**/duties/board/**", lambda route: route.abort())
    inspector.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    inspector.page.get_by_text("The portal does not answer").wait_for()
    inspector.complaints.clear()  # the browser reports the failed request itself as an error
    inspector.check()
    inspector.page.unroute("**/duties/board/**")
    inspector.page.get_by_role("button", name="Try now").click()
    inspector.page.get_by_text("This list is up to date again.").wait_for()


def test_the_list_says_when_the_session_has_ended_and_leads_back(visitor: Visitors) -> None:
    a_report()
    inspector = visitor(INSPECTOR)
    inspector.go("/duties/")
    inspector.context.clear_cookies()
    ask_now(inspector)
    inspector.page.get_by_role("link", name="Sign in again").wait_for()
    inspector.press("Sign in again")
    assert "/accounts/login/" in inspector.page.url


def test_without_the_script_the_list_is_a_page_and_promises_nothing(visitor: Visitors) -> None:
    report = a_report()
    inspector = visitor(INSPECTOR, javascript=False)
    inspector.go("/duties/")
    inspector.sees(report.reference)
    inspector.sees_not("keeps itself up to date")

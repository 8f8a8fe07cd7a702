"""Professional standards: every report, the desk's own duties, and nobody else's business."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.people.models import Person
from reporting.choices import Category, Excluded
from reporting.escalation import lapsing
from reporting.models import Decision
from reporting.tests.making import age
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.journeys.steps import a_report, choose, fill_outcome

STANDARDS = "standards@force.example"
looks = pytest.mark.parametrize(("viewport", "javascript"), [(PHONE, False), (DESK, True)], ids=["plain", "desk"])
Visitors = Callable[..., Visitor]


@looks
def test_standards_find_a_report_among_all_and_read_it(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    kept_back, other = a_report(confidential=True), a_report(categories=[Category.SEXIST])
    standards = visitor(STANDARDS, viewport=viewport, javascript=javascript)
    standards.go("/standards/")
    standards.sees(kept_back.reference)
    standards.sees(other.reference)
    standards.go("/standards/?category=sexist&state=open&unit=CN")
    standards.sees(other.reference)
    standards.sees_not(kept_back.reference)
    standards.press("Clear filters")
    standards.go("/standards/?deadline=missed")
    standards.sees("No reports match")
    standards.press("Show every report")
    standards.open_link(kept_back.reference)
    standards.sees("The reporter asked for their name to be kept back")
    standards.sees("The words of the message.")
    standards.sees("Inspector Ada Okafor (CN) has held the duty")
    standards.sees_not("Act on it")


@looks
def test_a_reference_typed_carelessly_is_found(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    report = a_report()
    standards = visitor(STANDARDS, viewport=viewport, javascript=javascript)
    standards.go("/standards/")
    standards.page.locator("summary", has_text="Filter").click()
    standards.page.get_by_label("Reference").fill(report.reference.lower().replace("-", " "))
    standards.press("Apply filters")
    assert standards.page.url.endswith(f"/standards/{report.reference}/")


@looks
def test_at_the_last_rung_the_desk_acts_and_cannot_pass_it_on(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    report = a_report()
    for _ in range(3):
        age(report, days=2)
        lapsing.fire_due()
    standards = visitor(STANDARDS, viewport=viewport, javascript=javascript)
    standards.sees(report.reference)
    standards.go("/standards/")
    standards.sees("With your desk")
    standards.go(f"/standards/{report.reference}/")
    standards.sees("did not open it by")
    standards.press("Act on it")
    standards.sees_not("Pass to somebody else")
    age(report, days=4)
    lapsing.fire_due()
    standards.go("/duties/?state=overdue")
    standards.sees("overdue")
    standards.open_link(report.reference)
    standards.press("Take this up")
    standards.press("Record what you did")
    standards.sees_not("Your duty ends and the desk's begins")
    fill_outcome(standards, "Referred to counter-corruption", "Told the unit’s duty officer.", shared="It is being looked into.")
    standards.press("Check and record")
    standards.press("Record this")
    assert Decision.objects.get().late
    standards.go(f"/standards/{report.reference}/")
    standards.sees("You recorded what you did, late: referred to counter-corruption")


@looks
def test_standards_exclude_the_holder_and_let_them_back(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    report = a_report()
    standards, inspector = visitor(STANDARDS, viewport=viewport, javascript=javascript), visitor("inspector@force.example")
    standards.go(f"/standards/{report.reference}/")
    standards.open_link("Exclude somebody")
    standards.sees("Nobody is excluded but its reporter.")
    standards.page.get_by_label("Name or number of the officer").fill("Okafor")
    standards.press("Find")
    standards.page.get_by_label("Inspector Ada Okafor (CN)").check()
    standards.press("Go on")
    standards.sees("Select what you learned")
    choose(standards, "What did you learn?", "Sent the message")
    standards.page.get_by_label("How do you know?").fill("Her number is in the exported chat.")
    standards.press("Go on")
    standards.sees("It moves at once to whoever is next")
    standards.press("Exclude them")
    standards.sees("Inspector Ada Okafor (CN) is excluded from this report. The duty to act passed to Chief Inspector Daniel Osei (CN)")
    inspector.go(f"/duties/{report.reference}/", status=404)
    inspector.go("/duties/")
    inspector.sees("You hold no duties")
    standards.open_link("Let back")
    standards.page.get_by_label("Why was it a mistake?").fill("The number is another officer’s.")
    standards.press("Let them back")
    standards.sees("Inspector Ada Okafor (CN) is not excluded any more")
    inspector.go(f"/duties/{report.reference}/")
    inspector.sees("Professional standards moved the duty to Chief Inspector Daniel Osei (CN)")


@pytest.mark.parametrize("why", [Excluded.SENDER, Excluded.NAMED, Excluded.DECLARED])
def test_a_member_who_is_in_the_report_does_not_learn_of_it(visitor: Visitors, why: Excluded) -> None:
    report = a_report(excluded={Person.objects.get(email=STANDARDS): why})
    standards = visitor(STANDARDS)
    standards.go("/standards/")
    standards.sees("No reports have been sent")
    for path in (f"/standards/{report.reference}/", f"/duties/{report.reference}/", f"/reports/{report.reference}/"):
        standards.go(path, status=404)
    standards.go(f"/standards/?q={report.reference}")
    standards.sees("No reports match")


def test_an_original_file_is_not_offered_where_there_is_none(visitor: Visitors) -> None:
    report = a_report()
    standards = visitor(STANDARDS)
    standards.go(f"/standards/{report.reference}/")
    standards.sees_not("Open original")


def test_the_figures_are_bars_and_tables(visitor: Visitors) -> None:
    a_report()
    standards = visitor(STANDARDS, viewport=DESK)
    standards.go("/figures/")
    assert standards.page.locator("main table").count() >= 1
    phone = visitor(STANDARDS)
    phone.go("/figures/")
    assert phone.page.locator("main table").count() == standards.page.locator("main table").count()

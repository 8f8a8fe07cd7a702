"""The administrator: people, the directory file, escalation policy, app rules; and nothing of what a report says."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import FilePayload

from devices.models import AppRule
from portal.demo.cast import CAST
from portal.people import directory
from portal.people.models import Person, Post
from reporting.models import Duty, EscalationPolicy
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.journeys.steps import CONSTABLE, a_report, send_report

ADMIN = "admin@force.example"
SECRETS = ("report", "duty", "duties", "draft", "attachment", "message", "exclusion", "decision", "lapse", "sealed", "container")
Visitors = Callable[..., Visitor]


def the_file(*rows: list[str]) -> FilePayload:
    text = io.StringIO()
    csv.writer(text).writerows([directory.COLUMNS, *rows])
    return {"name": "directory.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}


def save(visitor: Visitor) -> None:
    visitor.page.locator("input[name=_save]").click()
    visitor.page.wait_for_load_state()
    visitor.check()


def upload(visitor: Visitor, *rows: list[str]) -> None:
    visitor.go("/admin/people/person/import/")
    visitor.page.locator("input[type=file]").set_input_files([the_file(*rows)])
    visitor.press("See what would change")


def test_a_person_is_found_and_moved_to_another_manager(visitor: Visitors) -> None:
    admin = visitor(ADMIN, viewport=DESK)
    admin.go("/admin/people/person/")
    admin.page.locator("#searchbar").fill("Reid")
    admin.press("Search")
    admin.page.get_by_role("link", name="101001").click()
    admin.page.wait_for_load_state()
    admin.check()
    admin.page.get_by_role("combobox", name="Line manager").click()
    admin.page.locator(".select2-search__field").fill("101003")
    admin.page.get_by_role("option", name="Inspector Ada Okafor 101003").click()
    save(admin)
    assert Person.objects.get(number="101001").line_manager == Person.objects.get(number="101003")


def test_a_directory_file_is_looked_at_before_it_changes_anything(visitor: Visitors) -> None:
    admin = visitor(ADMIN, viewport=DESK)
    new = ["190001", "officer", "Constable", "Zoë", "Ólafsdóttir-Featherstonehaugh", "zoe@force.example", "CN", "101002", "yes"]
    upload(admin, *[character.row for character in CAST], new)
    admin.sees("Nothing has been changed yet.")
    assert not Person.objects.filter(number="190001").exists()
    for box in admin.page.locator("main input[type=checkbox]").all():
        box.check()
    admin.press("Import")
    admin.sees("Imported: 1 new")
    assert Person.objects.get(number="190001").line_manager.number == "101002"


def test_bad_lines_of_a_file_are_named_by_line_and_column(visitor: Visitors) -> None:
    admin = visitor(ADMIN, viewport=DESK)
    upload(
        admin, *[character.row for character in CAST], ["190002", "officer", "Captain", "Bad", "Rank", "bad@force.example", "CN", "", "yes"]
    )
    admin.sees(str(len(CAST) + 2))
    admin.sees("Captain")
    assert not Person.objects.filter(number="190002").exists()


def test_a_phone_shows_every_cell_of_a_list_and_every_box_of_a_row(visitor: Visitors) -> None:
    admin = visitor(ADMIN)
    upload(admin, ["190002", "officer", "Captain", "Bad", "Rank", "bad@force.example", "CN", "", "yes"])
    policy = EscalationPolicy.objects.get(in_force=True, urgent=False)
    for path, inside in (
        ("/admin/people/person/", "#result_list tbody :is(th, td)"),
        (f"/admin/reporting/escalationpolicy/{policy.pk}/change/", ".tabular tr:not(.empty-form) :is(input:not([type=hidden]), select)"),
    ):
        admin.go(path)
        wide = admin.page.locator(inside).evaluate_all("all => Math.max(...all.map(one => one.getBoundingClientRect().right))")
        assert 0 < wide <= PHONE["width"], path


def test_each_cell_and_box_of_a_table_says_its_column_also_in_a_row_that_is_added(visitor: Visitors) -> None:
    admin = visitor(ADMIN)
    admin.go("/admin/people/person/")
    assert admin.page.locator("#result_list td.field-line_manager").first.get_attribute("data-label") == "Line manager"
    admin.go(f"/admin/people/post/{Post.objects.get(code='professional-standards').pk}/change/")
    admin.page.locator(".add-row a").first.click()
    unnamed = "all => all.filter(one => !document.getElementById(one.getAttribute('aria-labelledby'))?.textContent.trim())"
    boxes = admin.page.locator(".tabular tr.form-row :is(input:not([type=hidden]), select), .tabular [role=combobox] [aria-labelledby]")
    assert boxes.count() > 3
    assert boxes.evaluate_all(f"{unnamed}.map(one => one.outerHTML)") == []
    assert admin.page.get_by_role("combobox", name="Person").count() >= 1


def test_a_file_that_is_no_csv_gets_a_sentence(visitor: Visitors) -> None:
    admin = visitor(ADMIN, viewport=DESK)
    admin.go("/admin/people/person/import/")
    photo: FilePayload = {"name": "photo.csv", "mimeType": "text/csv", "buffer": b"\x89PNG\r\n\x1a\n\x00\x00"}
    admin.page.locator("input[type=file]").set_input_files([photo])
    admin.press("See what would change")
    assert admin.page.locator(".govuk-error-message, .errorlist, .errornote").count() >= 1


def test_the_escalation_policy_is_changed_for_reports_sent_from_then_on(visitor: Visitors) -> None:
    before = a_report()
    policy = EscalationPolicy.objects.get(in_force=True, urgent=False)
    admin = visitor(ADMIN, viewport=DESK)
    admin.go(f"/admin/reporting/escalationpolicy/{policy.pk}/change/")
    admin.page.locator("[name=rungs-0-minutes_to_open]").fill("17")
    save(admin)
    send_report(visitor(CONSTABLE, javascript=False))
    first, second = Duty.objects.order_by("from_at")
    assert (first.report, second.open_due_at - second.from_at) == (before, timedelta(minutes=17))
    assert first.open_due_at - first.from_at == timedelta(hours=2)


def test_a_policy_without_a_last_rung_is_refused_in_words(visitor: Visitors) -> None:
    policy = EscalationPolicy.objects.get(in_force=True, urgent=False)
    admin = visitor(ADMIN, viewport=DESK)
    admin.go(f"/admin/reporting/escalationpolicy/{policy.pk}/change/")
    last = policy.rungs.count() - 1
    admin.page.locator(f"[name=rungs-{last}-DELETE]").check()
    save(admin)
    assert admin.page.locator(".errornote, .errorlist").count() >= 1
    assert policy.rungs.count() == last + 1


def test_an_app_rule_is_changed_and_officers_see_it(visitor: Visitors) -> None:
    rule = AppRule.objects.order_by("pk")[0]
    admin = visitor(ADMIN, viewport=DESK)
    admin.go(f"/admin/devices/apprule/{rule.pk}/change/")
    admin.page.locator("#id_reason").fill("It sells what is typed into it.")
    save(admin)
    officer = visitor(CONSTABLE)
    officer.go("/handset/apps/")
    officer.sees("It sells what is typed into it.")


def test_no_report_content_is_anywhere_in_the_admin(visitor: Visitors) -> None:
    report = a_report()
    admin = visitor(ADMIN, viewport=DESK)
    admin.go("/admin/")
    links = {str(link.get_attribute("href")) for link in admin.page.locator("#content a[href^='/admin/']").all()}
    assert any("/people/person/" in link for link in links)
    models = {link.strip("/").split("/")[2] for link in links if link.count("/") >= 4}
    assert not [model for model in models if model.startswith(SECRETS)]
    for path in sorted(link for link in links if not link.endswith("/add/")):
        admin.go(path)
        assert report.reference not in admin.page.content()
    for path in (f"/standards/{report.reference}/", f"/duties/{report.reference}/", "/admin/reporting/report/", "/admin/reporting/duty/"):
        admin.go(path, status=404)


def test_the_admin_is_not_there_for_an_officer(visitor: Visitors) -> None:
    officer = visitor("sergeant@force.example")
    answer = officer.page.goto("/admin/")
    assert answer is not None
    assert officer.page.locator("#site-name, .model-person").count() == 0

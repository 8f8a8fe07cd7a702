"""A reporter who leaves their line of command out, and a manager of theirs who works in professional standards."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from portal.notices.models import Outbox
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory, desk
from reporting import holding, opening
from reporting.choices import Conflicted, Excluded
from reporting.desk import conflicts, excluding
from reporting.models import Draft, Exclusion, Report
from reporting.tests.browsing import in_one_line, signed_in
from reporting.tests.making import standards_officer
from reporting.tests.reporters import ensure_policies, full_draft, sent

pytestmark = pytest.mark.django_db(transaction=True)
LEFT_OUT = pytest.mark.parametrize("choice", [{"line": "not_mine"}, {"managers": "yes"}], ids=["not my line", "a manager took part"])


@pytest.fixture
def manager() -> Person:
    """An inspector who works at the desk."""
    ensure_policies()
    return standards_officer(last_name="Marlow")


@pytest.fixture
def reporter(manager: Person) -> Person:
    person: Person = PersonFactory(line_manager=manager, last_name="Reporter")
    return person


@pytest.fixture
def desk_of_two() -> list[Person]:
    """Beside the manager."""
    return [standards_officer(last_name="Birch"), standards_officer(last_name="Cole")]


def why(report: Report, person: Person) -> str | None:
    return Exclusion.objects.filter(report=report, person=person).values_list("why", flat=True).first()


def told(report: Report) -> set[Person]:
    return {notice.to for notice in Outbox.objects.filter(link=f"/duties/{report.reference}/").select_related("to")}


def address(draft: Draft) -> str:
    return f"/reports/drafts/{draft.pk}/check/"


@LEFT_OUT
def test_a_manager_at_the_desk_is_kept_from_it_and_the_others_are_told(
    reporter: Person, manager: Person, desk_of_two: list[Person], choice: dict[str, str]
) -> None:
    report = sent(reporter, **choice)
    assert why(report, manager) == Excluded.LINE
    assert told(report) == set(desk_of_two)
    with pytest.raises(holding.NotYours):
        opening.open_duty(person=manager, report_id=report.pk, why="duty")
    for page in (f"/standards/{report.reference}/", f"/duties/{report.reference}/"):
        assert signed_in(manager).get(page).status_code == 404


def test_a_manager_who_oversees_reports_without_a_place_at_the_desk_is_kept_from_it_too(
    reporter: Person, manager: Person, desk_of_two: list[Person]
) -> None:
    manager.posts.clear()
    report = sent(reporter, line="not_mine")
    assert why(report, manager) == Excluded.LINE
    assert signed_in(manager).get(f"/standards/{report.reference}/").status_code == 404


def test_without_the_choice_nobody_is_kept_from_it_for_managing_the_reporter(
    reporter: Person, manager: Person, desk_of_two: list[Person]
) -> None:
    assert why(sent(reporter), manager) is None


def test_a_manager_whom_the_reporter_names_is_excluded_as_named(reporter: Person, manager: Person, desk_of_two: list[Person]) -> None:
    assert why(sent(reporter, line="not_mine", named=[str(manager.pk)]), manager) == Excluded.NAMED


def test_the_check_page_says_who_is_kept_from_it(reporter: Person, manager: Person, desk_of_two: list[Person]) -> None:
    draft = full_draft(reporter, line="not_mine")
    page = in_one_line(signed_in(reporter).get(address(draft)))
    assert "so your line of command is left out: nobody in it is told." in page
    assert f"{manager.name_and_unit} works in professional standards and manages you. They are kept from your report" in page
    assert "Send it anyway" not in page


def test_where_nobody_of_the_line_works_there_the_page_says_nothing_of_it(desk_of_two: list[Person]) -> None:
    ensure_policies()
    reporter: Person = PersonFactory(line_manager=PersonFactory(rank=30))
    draft = full_draft(reporter, line="not_mine")
    assert "in professional standards and" not in in_one_line(signed_in(reporter).get(address(draft)))


@LEFT_OUT
def test_where_too_few_would_be_left_the_page_says_that_the_manager_is_told_and_what_to_do(
    reporter: Person, manager: Person, choice: dict[str, str]
) -> None:
    other = standards_officer()
    draft = full_draft(reporter, **choice)
    page = in_one_line(signed_in(reporter).get(address(draft)))
    assert f"{manager.name_and_unit} works in professional standards and manages you. Too few others work at the desk" in page
    assert "nobody in it is told" not in page
    assert f'name them under <a class="govuk-link" href="/reports/drafts/{draft.pk}/people/">the people</a>' in page
    assert "Send it anyway" in page
    signed_in(reporter).post(address(draft), {"manager_is_told": "yes"})
    report = Report.objects.get()
    assert why(report, manager) is None
    assert told(report) == {manager, other}


def test_it_is_not_sent_to_a_manager_before_the_reporter_was_shown_that(
    reporter: Person, manager: Person, desk_of_two: list[Person]
) -> None:
    """Somebody left the desk while the page was open."""
    client, draft = signed_in(reporter), full_draft(reporter, line="not_mine")
    assert "They are kept from your report" in in_one_line(client.get(address(draft)))
    desk_of_two[0].posts.clear()
    answer = client.post(address(draft))
    assert answer["Location"] == f"{address(draft)}#manager-is-told"
    assert not Report.objects.exists()


def test_a_reporter_at_the_desk_is_not_one_of_the_two_who_are_left(manager: Person) -> None:
    other, reporter = standards_officer(), standards_officer(line_manager=manager)
    assert why(sent(reporter, line="not_mine"), manager) is None
    standards_officer()
    assert why(sent(reporter, line="not_mine"), manager) == Excluded.LINE
    assert why(sent(reporter, line="not_mine", named=[str(other.pk)]), manager) is None


def test_professional_standards_see_that_the_manager_is_kept_from_it(reporter: Person, manager: Person, desk_of_two: list[Person]) -> None:
    one = desk_of_two[0]
    report = sent(reporter, line="not_mine")
    page = in_one_line(signed_in(one).get(f"/standards/{report.reference}/"))
    assert f"{manager.name_and_unit}</strong>. They manage the reporter, whose line of command is left out." in page
    with pytest.raises(excluding.CannotExclude, match="is excluded already"):
        excluding.exclude(person=one, report_id=report.pk, whom=manager, why=Conflicted.OTHER, reason="They manage them.")


def test_of_a_reporter_whose_name_is_kept_back_the_manager_is_excluded_and_looks_like_anybody(
    reporter: Person, manager: Person, desk_of_two: list[Person]
) -> None:
    one = desk_of_two[0]
    report = sent(reporter, line="not_mine", confidential=True)
    assert (why(report, manager), told(report)) == (Excluded.LINE, set(desk_of_two))
    page = in_one_line(signed_in(one).get(f"/standards/{report.reference}/"))
    assert "Marlow" not in page
    assert "Neither is shown, because it would say who sent it." in page
    assert manager in conflicts.could_exclude(one, report, "Marlow")
    excluding.exclude(person=one, report_id=report.pk, whom=manager, why=Conflicted.OTHER, reason="She said so.")
    excluding.readmit(person=one, conflict_id=report.conflicts.get().pk, reason="A mistake.")
    assert why(report, manager) == Excluded.LINE


def test_a_refusal_on_a_kept_back_report_counts_the_manager_like_anybody(
    reporter: Person, manager: Person, desk_of_two: list[Person]
) -> None:
    """With the manager hidden from it or not, the same members can be excluded."""
    one, other = desk_of_two
    supervisor = standards_officer()
    supervisor.posts.clear()
    for sender in (reporter, PersonFactory()):
        report = sent(sender, line="not_mine", confidential=True)
        excluding.exclude(person=supervisor, report_id=report.pk, whom=one, why=Conflicted.OTHER, reason="A friend.")
        with pytest.raises(excluding.CannotExclude, match="Nobody else at"):
            excluding.exclude(person=supervisor, report_id=report.pk, whom=other, why=Conflicted.OTHER, reason="A friend.")


def test_a_manager_who_comes_to_work_there_later_is_kept_from_it_too(desk_of_two: list[Person]) -> None:
    ensure_policies()
    above: Person = PersonFactory(rank=40)
    near: Person = PersonFactory(rank=30, line_manager=above)
    report = sent(PersonFactory(line_manager=near), line="not_mine")
    for later in (above, near):
        desk(later)
        later.groups.add(Group.objects.get(name=Role.PROFESSIONAL_STANDARDS))
        assert report.reference not in in_one_line(signed_in(later).get("/standards/"))
        for page in (f"/standards/{report.reference}/", f"/duties/{report.reference}/"):
            assert signed_in(later).get(page).status_code == 404
    shown = in_one_line(signed_in(desk_of_two[0]).get(f"/standards/{report.reference}/"))
    assert f"{near.name_and_unit}, {above.name_and_unit}</strong>. They manage the reporter" in shown


def test_where_a_manager_there_is_told_the_rest_of_the_line_is_not(reporter: Person, manager: Person) -> None:
    above: Person = PersonFactory(rank=40)
    Person.objects.filter(pk=manager.pk).update(line_manager=above)
    standards_officer()
    report = sent(reporter, line="not_mine")
    assert (why(report, manager), why(report, above)) == (None, Excluded.LINE)


def test_a_manager_who_works_there_already_is_left_as_they_were_by_the_migration(reporter: Person, manager: Person) -> None:
    above: Person = PersonFactory(rank=40)
    Person.objects.filter(pk=manager.pk).update(line_manager=above)
    standards_officer()
    left_out, with_line = sent(reporter, line="not_mine"), sent(reporter)
    Exclusion.objects.filter(why=Excluded.LINE).delete()
    migration: Any = import_module("reporting.migrations.0027_the_whole_line_left_out")
    for _ in range(2):
        migration.forwards(apps, None)
    assert list(Exclusion.objects.filter(why=Excluded.LINE).values_list("report", "person")) == [(left_out.pk, above.pk)]
    assert why(with_line, above) is None

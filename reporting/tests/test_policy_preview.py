"""The admin's answer to "who would hold this, and when would it move, for this officer now?"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from portal.people.models import Absence, Person, Role
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting.choices import Counting
from reporting.models import EscalationPolicy, EscalationRung, Report
from reporting.tests.browsing import signed_in
from reporting.tests.making import a_line, send, standards_officer, the_desk

pytestmark = pytest.mark.django_db
PREVIEW = "/admin/reporting/escalationpolicy/preview/"


@pytest.fixture
def admin() -> Client:
    person = PersonFactory(is_staff=True)
    person.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    return signed_in(person)


def ask(admin: Client, officer: Person | str, **question: Any) -> str:
    text = officer.number if isinstance(officer, Person) else officer
    return admin.get(PREVIEW, {"officer": text, **question}).content.decode()


def test_the_question_stands_in_the_admins_own_rows(admin: Client) -> None:
    page = admin.get(PREVIEW, {"officer": "", "policy": ""}).content.decode()
    assert page.count('<div class="form-row') == 6
    assert '<ul class="errorlist" id="id_officer_error"><li>Enter an officer</li></ul>' in page
    assert 'aria-describedby="id_officer_helptext id_officer_error"' in page


def test_it_shows_each_level_with_its_holder_and_its_times(admin: Client) -> None:
    constable, _, inspector, chief, superintendent = a_line()
    page = ask(admin, constable)
    places = [page.index(name) for name in (inspector.name_and_unit, chief.name_and_unit, superintendent.name_and_unit, str(the_desk()))]
    assert places == sorted(places)
    assert "By the policy “Reports”." in page
    assert "Every minute" in page


def test_it_says_why_others_were_passed_over(admin: Client) -> None:
    constable, _, inspector, chief, _ = a_line()
    deputy, at = PersonFactory(rank=20), timezone.now()
    Absence.objects.create(person=inspector, deputy=deputy, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=9))
    page = ask(admin, constable, kept_from=f"{chief.number}, ")
    assert f"{inspector.name_and_unit} (away)" in page
    assert f"{deputy.name_and_unit} (of too low a rank)" in page
    assert f"{chief.name_and_unit} (may not hold it)" in page


def test_a_line_without_anybody_and_an_empty_desk_are_said(admin: Client) -> None:
    page = ask(admin, PersonFactory(line_manager=None))
    assert "Level 1: nobody above the officer could take it" in page
    assert "administrators are alerted" in page
    standards_officer()
    assert "administrators are alerted" not in ask(admin, PersonFactory(line_manager=None))


def test_not_my_line_of_command_starts_at_the_last_level(admin: Client) -> None:
    constable, _, inspector, *_ = a_line()
    page = ask(admin, constable, skip_line="on")
    assert inspector.name_and_unit not in page
    assert str(the_desk()) in page


def test_where_somebody_is_at_risk_the_next_is_told_too_and_every_minute_counts(admin: Client) -> None:
    EscalationRung.objects.update(counting=Counting.WORKING)
    constable, _, _, chief, _ = a_line()
    page = ask(admin, constable, at_risk="on")
    assert f"Also told: {chief.name_and_unit}" in page
    assert "Every minute" in page
    assert "Monday to Friday" not in page


def test_working_hours_are_said_in_words(admin: Client) -> None:
    EscalationRung.objects.update(counting=Counting.WORKING)
    assert "Monday to Friday, 8am to 6pm. Bank holidays and closed days don&#x27;t count." in ask(admin, a_line()[0])


def test_the_categories_choose_the_policy(admin: Client) -> None:
    policy = EscalationPolicy.objects.create(name="Corruption only", categories=["corruption"], in_force=True)
    policy.rungs.create(level=1, post=the_desk(), minutes_to_open=5, minutes_to_act=10)
    constable = a_line()[0]
    assert "By the policy “Corruption only”." in ask(admin, constable, categories=["racist", "corruption"])
    assert "By the policy “Reports”." in ask(admin, constable, categories=["racist"])


def test_a_policy_that_is_not_in_force_yet_can_be_tried(admin: Client) -> None:
    policy = EscalationPolicy.objects.create(name="Trial")
    policy.rungs.create(level=1, post=the_desk(), minutes_to_open=5, minutes_to_act=10)
    assert "By the policy “Trial”, which is not in force." in ask(admin, a_line()[0], policy=policy.pk)


def test_a_policy_that_is_no_ladder_yet_says_why(admin: Client) -> None:
    policy = EscalationPolicy.objects.create(name="Trial")
    assert "The last level must be a post" in ask(admin, a_line()[0], policy=policy.pk)


def test_without_a_policy_in_force_it_says_so(admin: Client) -> None:
    EscalationPolicy.objects.update(in_force=False)
    assert "No escalation policy is in force for such a report." in ask(admin, a_line()[0])


def test_of_several_officers_one_is_chosen_and_the_question_stays(admin: Client) -> None:
    one, other = PersonFactory(last_name="Zebedee"), PersonFactory(last_name="Zebedee")
    page = ask(admin, "zebedee", at_risk="on")
    for person in (one, other):
        assert f"officer={person.number}&amp;at_risk=on" in page


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ({"officer": "  "}, "Enter an officer"),
        ({"officer": "Nobody of this name"}, "Nobody was found."),
        ({"officer": "1", "policy": "999999"}, "Select a valid choice"),
        ({"officer": "1", "categories": "nothing"}, "Select a valid choice"),
        ({"officer": "1", "kept_from": "NONE1"}, "Nobody has the number NONE1."),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(admin: Client, question: dict[str, str], sentence: str) -> None:
    assert sentence in admin.get(PREVIEW, question).content.decode()


def test_nothing_is_written_and_no_report_is_told_of(admin: Client) -> None:
    constable = a_line()[0]
    report = send(constable)
    facts = Fact.objects.count()
    page = ask(admin, constable)
    assert report.reference not in page
    assert (Fact.objects.count(), Report.objects.count()) == (facts, 1)


def test_it_is_linked_from_the_policies(admin: Client) -> None:
    policy = EscalationPolicy.objects.get(urgent=False)
    assert PREVIEW in admin.get("/admin/reporting/escalationpolicy/").content.decode()
    assert f"{PREVIEW}?policy={policy.pk}" in admin.get(f"/admin/reporting/escalationpolicy/{policy.pk}/change/").content.decode()
    assert f'<option value="{policy.pk}" selected>' in admin.get(PREVIEW, {"policy": policy.pk}).content.decode()


def test_only_administrators_may_ask(admin: Client) -> None:
    assert Client().get(PREVIEW).status_code == 302
    for person in (standards_officer(), PersonFactory(is_staff=True), standards_officer(is_staff=True)):
        client = signed_in(person)
        assert client.get(PREVIEW).status_code in (302, 403)
    assert admin.post(PREVIEW).status_code == 405

from __future__ import annotations

import pytest
from django.test import Client

from portal.notices.models import Outbox
from portal.people.models import Person, PostMember
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting import acting, holding, stepping_aside
from reporting.choices import Excluded, Outcome
from reporting.desk import assigning
from reporting.models import Assignment, Exclusion, Report
from reporting.tests.browsing import signed_in, text
from reporting.tests.making import a_line, chain, looks, open_duty_of, send, standards_officer, the_desk
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(one: Person, other: Person) -> Report:
    return send(a_line()[0], skip_line=True)


def assign(by: Person, to: Person, report: Report) -> Person:
    return assigning.assign(person=by, report_id=report.pk, to=to.pk)


def works_on(report: Report) -> Person | None:
    duty = open_duty_of(report)
    return assigning.members_of([duty]).get(duty.pk)


def test_a_member_takes_a_duty_of_the_post_which_remains_the_holder(one: Person, report: Report) -> None:
    assert assign(one, one, report) == one
    assert (works_on(report), open_duty_of(report).post) == (one, the_desk())
    assert not Outbox.objects.filter(kind="duty.assigned").exists()


def test_another_member_is_told_that_it_was_assigned_to_them(one: Person, other: Person, report: Report) -> None:
    assign(one, other, report)
    notice = Outbox.objects.get(kind="duty.assigned")
    assert (notice.to, notice.link) == (other, f"/duties/{report.reference}/")


def test_it_is_a_fact_that_neither_reporter_nor_statement_shows(one: Person, other: Person, report: Report) -> None:
    assign(one, other, report)
    assign(one, other, report)
    assigning.unassign(person=other, report_id=report.pk)
    assert [kind for kind in looks(report) if kind.startswith("duty.")] == ["duty.assigned", "duty.unassigned"]
    assert not [kind for kind in chain(report) if "assigned" in kind]
    fact = Fact.objects.of_kind("duty.assigned").get()
    assert fact.data == {"duty": open_duty_of(report).pk, "to": f"person:{other.pk}"}
    assert "assigned" not in str(timeline(report, viewer=report.reporter))
    assert f"You assigned this to {other.name_and_unit}" in str(timeline(report, viewer=one))


def test_whoever_must_not_know_of_the_report_is_not_assigned_to_it(one: Person, other: Person, report: Report) -> None:
    Exclusion.objects.create(report=report, person=other, why=Excluded.NAMED)
    with pytest.raises(assigning.CannotAssign, match="Choose somebody else"):
        assign(one, other, report)
    with pytest.raises(holding.NotYours):
        assign(other, one, report)
    assert other.last_name not in text(signed_in(one).get(f"/duties/{report.reference}/assign/"))


@pytest.mark.parametrize("at_the_desk", [True, False])
def test_a_report_whose_reporter_stays_unnamed_is_taken_by_oneself_alone(at_the_desk: bool, one: Person, other: Person) -> None:
    report = send(other if at_the_desk else a_line()[0], skip_line=True, confidential=True)
    third, client, address = standards_officer(), signed_in(one), f"/duties/{report.reference}/assign/"
    page = text(client.get(address))
    assert not [person for person in (other, third) if person.last_name in page or person.number in page]
    for colleague in (other, third):
        with pytest.raises(assigning.CannotAssign, match="Choose somebody else"):
            assign(one, colleague, report)
        assert "Select somebody from the list" in text(client.post(address, {"to": str(colleague.pk)}))
    assert assign(one, one, report) == one


@pytest.mark.parametrize("who", ["stranger", "left", "reporter"])
def test_nobody_from_outside_the_post_is_assigned(who: str, one: Person, other: Person, report: Report) -> None:
    Person.objects.filter(pk=other.pk).update(is_active=False)
    people: dict[str, Person] = {"stranger": PersonFactory(rank=60), "left": other, "reporter": report.reporter}
    to = people[who]
    with pytest.raises(assigning.CannotAssign):
        assign(one, to, report)


@pytest.mark.parametrize("how", ["left the force", "left the post", "stepped aside", "excluded"])
def test_an_assignment_falls_away_with_its_member(how: str, one: Person, other: Person, report: Report) -> None:
    assign(one, other, report)
    if how == "left the force":
        Person.objects.filter(pk=other.pk).update(is_active=False)
    elif how == "left the post":
        PostMember.objects.filter(person=other).delete()
    elif how == "stepped aside":
        stepping_aside.step_aside(person=other, report_id=report.pk, reason="I know them.")
        assert not Assignment.objects.exists()
    else:
        Exclusion.objects.create(report=report, person=other, why=Excluded.DECLARED)
    assert works_on(report) is None
    assert "Unassigned" in text(signed_in(one).get("/duties/"))


def test_stepping_aside_leaves_anothers_assignment(one: Person, other: Person, report: Report) -> None:
    assign(one, other, report)
    stepping_aside.step_aside(person=one, report_id=report.pk, reason="I know them.")
    assert works_on(report) == other


def test_a_duty_of_ones_own_and_a_closed_one_are_not_assigned(one: Person, report: Report) -> None:
    line = a_line()
    own = send(line[0])
    with pytest.raises(assigning.CannotAssign, match="Pass it"):
        assign(line[2], one, own)
    assert signed_in(line[2]).get(f"/duties/{own.reference}/assign/").status_code == 404
    acting.act(person=one, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Done.")
    with pytest.raises(holding.NotHolding):
        assign(one, one, report)


def test_the_list_says_who_works_on_what_and_filters_by_it(one: Person, other: Person, report: Report) -> None:
    client, second = signed_in(one), send(a_line()[0], skip_line=True)
    assign(other, one, report)
    page = text(client.get("/duties/"))
    assert "Assigned to you" in page
    assert "Unassigned" in page
    mine, free = text(client.get("/duties/?desk=mine")), text(client.get("/duties/?desk=unassigned"))
    assert (report.reference in mine, second.reference in mine) == (True, False)
    assert (report.reference in free, second.reference in free) == (False, True)
    assert f"Assigned to {one.name}" in text(signed_in(other).get("/duties/?state=sent"))


def test_only_whoever_staffs_a_post_is_offered_the_filter(report: Report) -> None:
    line = a_line()
    send(line[0])
    assert "At your desk" not in text(signed_in(line[2]).get("/duties/"))


def test_the_page_assigns_and_unassigns(one: Person, other: Person, report: Report) -> None:
    client, base = signed_in(one), f"/duties/{report.reference}/"
    assert "Nobody at the desk is assigned to this" in text(client.get(base))
    assert "Select somebody from the list" in text(client.post(f"{base}assign/", {"to": str(PersonFactory().pk)}))
    assert "Select who works on it" in text(client.post(f"{base}assign/", {}))
    assert f"Assigned to {other.name_and_unit}" in text(client.post(f"{base}assign/", {"to": str(other.pk)}, follow=True))
    assert "You work on this" in text(client.post(f"{base}assign/", {"to": str(one.pk)}, follow=True))
    assert "Nobody at the desk is assigned" in text(client.post(f"{base}unassign/", follow=True))


def test_the_pages_exist_for_nobody_else(one: Person, report: Report) -> None:
    stranger = PersonFactory(rank=60)
    for page in ("assign", "unassign"):
        address = f"/duties/{report.reference}/{page}/"
        assert Client().post(address).status_code == 302
        assert signed_in(stranger).post(address).status_code == 404
    assert signed_in(one).get(f"/duties/{report.reference}/unassign/").status_code == 405
    assert signed_in(one).put(f"/duties/{report.reference}/assign/").status_code == 405

"""Whoever leaves a desk keeps proof of what they did there with its duties, and nothing else of the reports."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from portal.people.models import Person, PostMember
from portal.receipts import kinds
from portal.record.keeping import Keeper
from portal.record.models import Fact
from reporting import acting, asking, opening, reopening, stepping_aside, taking_up
from reporting.choices import Conflicted, Excluded, Outcome
from reporting.desk import excluding
from reporting.holding import NotYours
from reporting.models import Exclusion, Handling, Report
from reporting.reopening import Level
from reporting.statements import parts, stating
from reporting.statements.parts import Party
from reporting.tests.browsing import signed_in
from reporting.tests.erasures import erased
from reporting.tests.making import a_line, looks, send, standards_officer, the_desk
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people() -> tuple[Person, Person]:
    """Two of the desk, in professional standards no more than anybody else."""
    one, other = standards_officer(), standards_officer()
    for person in (one, other):
        person.groups.clear()
    return one, other


@pytest.fixture
def report(people: tuple[Person, Person]) -> Report:
    """The desk has the duty: the first took it up, the second asked the reporter something."""
    one, other = people
    sent = send(a_line()[0], skip_line=True)
    taking_up.take_up(person=one, report_id=sent.pk)
    asking.ask(person=other, report_id=sent.pk, question="Who was there?")
    return sent


def leave(*people: Person) -> None:
    PostMember.objects.filter(person__in=people).delete()


def page(person: Person, address: str) -> tuple[int, str]:
    answer = signed_in(person).get(address)
    return answer.status_code, answer.content.decode()


def offered(person: Person, report: Report) -> list[str]:
    return [offer.fact.kind for offer in kinds.offers(person, list(Fact.objects.for_subject(report.subject).of_kind(*kinds.known())))]


def readable(person: Person, report: Report) -> list[str]:
    pieces = parts.part(Party.HOLDER, person, report, parts.facts_of(report))
    return ["withheld" if piece.withheld else piece.fact.kind for piece in pieces]


def test_who_leaves_a_desk_keeps_the_receipts_of_what_they_did_and_of_nothing_else(
    keeper: Keeper, people: tuple[Person, Person], report: Report
) -> None:
    one, other = people
    acting.act(person=one, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")
    keeper.round()
    assert offered(one, report) == ["duty.passed", "duty.opened", "duty.taken_up", "duty.acted"]
    leave(one, other)
    assert (offered(one, report), offered(other, report)) == (["duty.opened", "duty.taken_up", "duty.acted"], [])
    status, listed = page(one, "/receipts/")
    assert (status, listed.count("Save<span")) == (200, 3)
    opened = Fact.objects.of_kind("duty.opened").get()
    assert (page(one, f"/receipts/{opened.pk}/")[0], page(other, f"/receipts/{opened.pk}/")[0]) == (200, 404)


def test_their_statement_ends_with_what_they_did_last(people: tuple[Person, Person], report: Report) -> None:
    one, other = people
    leave(one)
    opening.open_duty(person=other, report_id=report.pk, why="duty")
    stating.give_statement(person=one, report_id=report.pk, as_=Party.HOLDER)
    assert readable(one, report) == ["duty.passed", "duty.opened", "duty.taken_up", "withheld", "statement.given"]
    status, shown = page(one, f"/duties/{report.reference}/statement/")
    assert status == 200
    assert "to what you did last" in shown
    assert "Asked" not in shown


def test_their_page_says_what_happened_up_to_then_and_nothing_of_what_the_report_says(
    people: tuple[Person, Person], report: Report
) -> None:
    one, other = people
    leave(one)
    acting.act(person=other, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")
    assert [event.text for event in timeline(report, viewer=one)][:2] == ["You took this up", "You opened the report"]
    status, shown = page(one, f"/duties/{report.reference}/")
    assert status == 200
    assert "and left it afterwards" in shown
    assert not any(words in shown for words in ("The words of the message.", "Who was there?", "Spoke to them."))
    assert "report.consulted" in looks(report)
    assert page(one, f"/duties/{report.reference.lower()}/")[0] == 302
    assert "to what you did last for the professional standards desk" in page(one, f"/duties/{report.reference}/statement/")[1]


@pytest.mark.parametrize("address", ["act/", "ask/", "note/", "step-aside/", "assign/"])
def test_they_can_do_nothing_with_it_any_more(people: tuple[Person, Person], report: Report, address: str) -> None:
    leave(people[0])
    assert page(people[0], f"/duties/{report.reference}/{address}")[0] == 404
    with pytest.raises(NotYours):
        taking_up.take_up(person=people[0], report_id=report.pk)


def test_who_only_looked_has_nothing_once_they_left(people: tuple[Person, Person], report: Report) -> None:
    third = standards_officer()
    third.groups.clear()
    opening.open_duty(person=third, report_id=report.pk, why="duty")
    leave(third)
    assert offered(third, report) == []
    for address in ("", "statement/"):
        assert page(third, f"/duties/{report.reference}/{address}")[0] == 404


def test_who_must_not_know_of_it_has_nothing_all_the_same(people: tuple[Person, Person], report: Report) -> None:
    one, _ = people
    leave(one)
    Exclusion.objects.create(report=report, person=one, why=Excluded.NAMED)
    assert offered(one, report) == []
    for address in ("", "statement/"):
        assert page(one, f"/duties/{report.reference}/{address}")[0] == 404
    assert report.reference not in page(one, "/receipts/")[1]
    with pytest.raises(NotYours):
        stating.give_statement(person=one, report_id=report.pk, as_=Party.HOLDER)


def test_who_reopened_a_report_at_their_desk_keeps_that_too(people: tuple[Person, Person], report: Report) -> None:
    one, standards = people[0], standards_officer()
    acting.act(person=one, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")
    reopening.reopen(person=standards, report_id=report.pk, to=Level.DESK, reason="There was more.")
    leave(standards)
    assert offered(standards, report) == ["duty.passed"]


def test_of_before_the_record_says_who_worked_at_a_desk(people: tuple[Person, Person], report: Report) -> None:
    kept = set(Handling.objects.values_list("duty", "person"))
    assert {person for _, person in kept} == {person.pk for person in people}
    Handling.objects.all().delete()
    migration: Any = import_module("reporting.migrations.0025_who_worked_at_a_desk")
    for _ in range(2):
        migration.forwards(apps, None)
    assert set(Handling.objects.values_list("duty", "person")) == kept


def test_nothing_is_kept_of_who_holds_a_duty_themselves() -> None:
    constable, _, inspector, *_ = a_line()
    sent = send(constable)
    taking_up.take_up(person=inspector, report_id=sent.pk)
    assert not Handling.objects.exists()


def member() -> Person:
    person = standards_officer()
    person.groups.clear()
    return person


def test_who_joins_a_desk_has_nothing_of_duties_that_were_over_before(people: tuple[Person, Person], report: Report) -> None:
    before = member()
    acting.act(person=people[0], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")
    after = member()
    assert (offered(before, report), offered(after, report)) == (["duty.passed", "duty.opened", "duty.taken_up", "duty.acted"], [])
    assert [page(one, "/duties/?state=ended")[1].count(report.reference) > 0 for one in (before, after)] == [True, False]
    for address in ("", "statement/"):
        assert [page(one, f"/duties/{report.reference}/{address}")[0] for one in (before, after)] == [200, 404]
    with pytest.raises(ValueError, match="a holder's part begins"):
        readable(after, report)


def test_who_joins_while_a_duty_is_open_holds_all_of_it(report: Report) -> None:
    assert offered(member(), report) == ["duty.passed", "duty.opened", "duty.taken_up"]


def test_who_comes_back_has_what_was_not_over_and_of_the_rest_what_they_did(people: tuple[Person, Person], report: Report) -> None:
    one, other = people
    still_open = send(a_line()[0], skip_line=True)
    leave(one, other)
    acting.act(person=member(), report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")
    PostMember.objects.bulk_create([PostMember(post=the_desk(), person=person) for person in people])
    assert (offered(one, report), offered(other, report)) == (["duty.opened", "duty.taken_up"], [])
    assert offered(one, still_open) == ["duty.passed"]
    assert readable(one, report) == ["duty.passed", "duty.opened", "duty.taken_up", "withheld", "withheld"]
    assert [event.text for event in timeline(report, viewer=one)][:2] == ["You took this up", "You opened the report"]
    status, shown = page(one, f"/duties/{report.reference}/")
    assert (status, "and left it afterwards" in shown) == (200, True)


def test_a_membership_without_a_date_gives_what_it_gave(people: tuple[Person, Person], report: Report) -> None:
    acting.act(person=people[0], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")
    after = member()
    PostMember.objects.filter(person=after).update(since=None)
    assert offered(after, report) == ["duty.passed", "duty.opened", "duty.taken_up", "duty.acted"]


@pytest.mark.parametrize("still_there", [True, False])
def test_who_did_something_at_a_desk_keeps_proof_of_it_once_the_report_is_erased(
    keeper: Keeper, people: tuple[Person, Person], report: Report, still_there: bool
) -> None:
    one, _ = people
    bystander, two = standards_officer(), (standards_officer(), standards_officer())
    acting.act(person=one, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")
    if not still_there:
        leave(one)
    before = offered(one, report)
    erased(report, *two)
    keeper.round()
    assert offered(one, report) == before != []
    status, shown = page(one, f"/duties/{report.reference}/")
    assert (status, "was erased" in shown, "Spoke to them." in shown) == (200, True, False)
    opened = Fact.objects.of_kind("duty.opened").get()
    assert page(one, f"/receipts/{opened.pk}/")[0] == 200
    assert (offered(bystander, report), page(bystander, f"/duties/{report.reference}/")[0]) == ([], 404)


def test_who_was_excluded_since_finds_nothing_of_it_once_it_is_erased(people: tuple[Person, Person], report: Report) -> None:
    one, other = people
    two = standards_officer(), standards_officer()
    excluding.exclude(person=two[0], report_id=report.pk, whom=other, why=Conflicted.INVOLVED, reason="In the group")
    stepping_aside.step_aside(person=one, report_id=report.pk, reason="I know them")
    erased(report, *two)
    for person in people:
        assert offered(person, report) == []
        assert page(person, f"/duties/{report.reference}/")[0] == 404
    assert not Handling.objects.filter(person__in=people).exists()


def test_of_reports_erased_before_nobody_at_a_desk_comes_to_know(people: tuple[Person, Person], report: Report) -> None:
    migration: Any = import_module("reporting.migrations.0029_of_erased_reports_nobody_knows_who_was_excluded")
    two = standards_officer(), standards_officer()
    asking.ask(person=two[1], report_id=report.pk, question="Who else?")
    erased(report, *two)
    migration.forwards(None, None)
    assert [handling.person for handling in Handling.objects.all()] == [two[1]]
    assert offered(people[0], report) == []

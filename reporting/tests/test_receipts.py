"""Who may have which receipt about a report, with what in it: each is read back by the stand-alone verifier."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from portal.notices.models import Outbox
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.receipts import kinds, making, printing
from portal.receipts.disclosing import disclosed
from portal.receipts.paper.contents import Table
from portal.receipts.tests.checking import checked, fact_of
from portal.record.appending import append_all, person_actor
from portal.record.keeping import Keeper
from portal.record.models import Fact
from portal.vault.sealing import erase
from reporting import acting, adding, opening, passing, stepping_aside, taking_up, telling
from reporting import duty as duties
from reporting.choices import Category, Excluded, Outcome, ReportState
from reporting.escalation import lapsing
from reporting.evidence import keeping as evidence
from reporting.models import Duty, Report
from reporting.tests import files
from reporting.tests.browsing import signed_in
from reporting.tests.making import a_line, age, open_duty_of, send, standards_officer
from reporting.tests.reporters import force, sent

pytestmark = pytest.mark.django_db(transaction=True)


def status(person: Person, fact: Fact) -> int:
    return signed_in(person).get(f"/receipts/{fact.pk}/").status_code


def receipt(person: Person, fact: Fact) -> dict[str, Any]:
    """The receipt that this person downloads, good by the verifier."""
    answer = signed_in(person).get(f"/receipts/{fact.pk}/download")
    assert answer.status_code == 200
    return checked(answer.content)


def given(members: dict[str, Any]) -> dict[str, str]:
    """The texts that a receipt gives away."""
    return {name: base64.b64decode(one["value"]).decode() for name, one in members["disclosed"].items() if "value" in one}


def title(person: Person, fact: Fact) -> str:
    return str(receipt(person, fact)["words"]["title"])


def act(person: Person, report: Report, **changes: Any) -> None:
    said = {"outcome": Outcome.LOCAL, "reasons": "What I thought", "shared": "What I did", **changes}
    acting.act(person=person, report_id=report.pk, **said)


def fire() -> None:
    lapsing.fire_due()


def test_the_reporter_has_one_of_everything_that_happened(keeper: Keeper) -> None:
    reporter, _, inspector, chief, _ = a_line()
    standards_officer()
    report = send(reporter)
    age(report, hours=3)
    fire()
    opening.open_duty(person=chief, report_id=report.pk, why="duty")
    taking_up.take_up(person=chief, report_id=report.pk)
    act(chief, report)
    acting.act_late(person=inspector, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Late", shared="Sorry")
    keeper.round()
    titles = [title(reporter, fact) for fact in Fact.objects.for_subject(report.subject).exclude(kind="report.consulted")]
    reference, last, first = report.reference, chief.name_and_unit, inspector.name_and_unit
    assert titles == [
        f"You sent report {reference}",
        f"The duty to act on report {reference} passed to {first}",
        f"{first} did not open report {reference} in time",
        f"The duty to act on report {reference} passed to {last}",
        f"{last} opened report {reference}",
        f"{last} took report {reference} up",
        f"{last} recorded what they did about report {reference}",
        f"{first} recorded, late, what they did about report {reference}",
    ]


def test_having_been_told_has_a_receipt_of_its_own(keeper: Keeper) -> None:
    reporter, _, inspector, chief, _ = a_line()
    report = send(reporter)
    with transaction.atomic():
        telling.told(f"duty:{open_duty_of(report).pk}", timezone.now())
    keeper.round()
    fact = fact_of(report, "duty.told")
    assert title(reporter, fact) == f"{inspector.name_and_unit} was told of report {report.reference}"
    assert title(inspector, fact) == f"You were told of report {report.reference}"
    assert status(chief, fact) == 404


def test_the_answers_stand_on_the_page_and_on_paper_in_words(keeper: Keeper) -> None:
    reporter = force()[0]
    report = sent(reporter)
    keeper.round()
    fact = fact_of(report, "report.sent")
    page = signed_in(reporter).get(f"/receipts/{fact.pk}/").content.decode()
    offer = kinds.offer(reporter, fact.pk)
    assert offer is not None
    rows = [row for one in disclosed(offer).values() for row in one.rows]
    assert ("Kind of message", ", ".join(Category(one).label for one in sorted(report.categories))) in rows
    assert all(label in page for label, _ in rows)
    (table,) = [one for one in printing.build(reporter.pk, str(fact.pk)).parts if isinstance(one, Table)]
    assert list(table.rows) == rows


def test_the_reporter_has_what_they_wrote_and_what_was_meant_for_them_and_no_reasons(keeper: Keeper) -> None:
    reporter, _, inspector, *_ = a_line()
    standards_officer()
    report = send(reporter)
    act(inspector, report)
    keeper.round()
    assert given(receipt(reporter, fact_of(report, "report.sent")))["message"] == "The words of the message."
    assert list(given(receipt(reporter, fact_of(report, "duty.acted"))).values()) == ["What I did"]


def test_a_holder_has_their_own_duty_with_their_own_words(keeper: Keeper) -> None:
    reporter, _, inspector, *_ = a_line()
    standards_officer()
    report = send(reporter)
    act(inspector, report)
    keeper.round()
    assert title(inspector, fact_of(report, "duty.passed")) == f"The duty to act on report {report.reference} passed to you"
    assert title(inspector, fact_of(report, "duty.opened")) == f"You opened report {report.reference}"
    acted = receipt(inspector, fact_of(report, "duty.acted"))
    assert sorted(given(acted).values()) == ["What I did", "What I thought"]
    assert acted["words"]["title"] == f"You recorded what you did about report {report.reference}"
    assert acted["words"]["names"] == {person_actor(inspector): inspector.name_and_unit}
    assert status(inspector, fact_of(report, "report.sent")) == 404


def test_whoever_passes_a_duty_on_has_proof_of_it_and_none_of_what_comes_after(keeper: Keeper) -> None:
    reporter, _, inspector, *_ = a_line()
    standards_officer()
    other: Person = PersonFactory(rank=30)
    report = send(reporter)
    passing.pass_on(person=inspector, report_id=report.pk, to=other.pk, reason="They know the unit")
    passed = fact_of(report, "duty.passed")
    act(other, report)
    keeper.round()
    members = receipt(inspector, passed)
    assert members["words"]["title"] == f"You passed the duty to act on report {report.reference} to {other.name_and_unit}"
    assert list(given(members).values()) == ["They know the unit"]
    assert given(receipt(other, passed)) == {}
    assert status(inspector, fact_of(report, "duty.acted")) == 404
    assert status(other, fact_of(report, "duty.acted")) == 200


def test_a_passed_duty_says_by_whom_to_whom_and_both_deadlines(keeper: Keeper) -> None:
    reporter, _, inspector, *_ = a_line()
    standards_officer()
    other: Person = PersonFactory(rank=30)
    report = send(reporter)
    passing.pass_on(person=inspector, report_id=report.pk, to=other.pk, reason="They know the unit")
    fact = Fact.objects.for_subject(report.subject).of_kind("duty.passed").last()
    assert fact is not None
    keeper.round()
    page = signed_in(reporter).get(f"/receipts/{fact.pk}/").content.decode()
    rows = dict(re.findall(r'__key">([^<]*)</dt><dd class="govuk-summary-list__value">(.*?)</dd>', page))
    assert (rows["By"], rows["To"], rows["Kind of fact"]) == (inspector.name_and_unit, other.name_and_unit, "Duty passed on")
    duty = open_duty_of(report)
    for label, due in (("Must open by", duty.open_due_at), ("Must act by", duty.act_due_at)):
        assert f'datetime="{due.isoformat(timespec="seconds")}"' in rows[label]
    assert rows["Record signed"].endswith("Downloaded later, the receipt carries a newer signature of the same tree.")
    assert f'<span class="app-reference">{report.reference}</span>' in page
    offer = kinds.offer(reporter, fact.pk)
    assert offer is not None
    paper = printing.paper(offer, {}, making.receipt(offer, {}))
    assert [line.label for line in paper.facts] == ["Recorded", "By", "To", "Must open by", "Must act by"]


def test_whoever_missed_a_deadline_and_whoever_came_after_have_each_their_own(keeper: Keeper) -> None:
    reporter, _, inspector, chief, _ = a_line()
    standards_officer()
    report = send(reporter)
    age(report, hours=3)
    fire()
    keeper.round()
    missed = fact_of(report, "deadline.missed")
    assert title(inspector, missed) == f"You did not open report {report.reference} in time"
    assert status(chief, missed) == 404
    assert title(chief, fact_of(report, "duty.passed")) == f"The duty to act on report {report.reference} passed to you"


def test_a_desk_has_those_of_its_duty_and_somebody_excluded_from_it_has_none(keeper: Keeper) -> None:
    reporter = a_line()[0]
    member, excluded = standards_officer(), standards_officer()
    report = send(reporter, skip_line=True, excluded={excluded: Excluded.NAMED})
    act(member, report)
    keeper.round()
    for kind in ("duty.passed", "duty.opened", "duty.acted"):
        assert status(member, fact_of(report, kind)) == 200
        assert status(excluded, fact_of(report, kind)) == 404
    assert report.reference not in signed_in(excluded).get("/receipts/").content.decode()
    assert report.reference in signed_in(member).get("/receipts/").content.decode()


def test_whoever_stepped_aside_has_none_and_the_reporter_has_all(keeper: Keeper) -> None:
    reporter, _, inspector, *_ = a_line()
    standards_officer()
    report = send(reporter)
    stepping_aside.step_aside(person=inspector, report_id=report.pk, reason="A friend")
    keeper.round()
    assert {status(inspector, fact) for fact in Fact.objects.for_subject(report.subject)} == {404}
    assert report.reference not in signed_in(inspector).get("/receipts/").content.decode()
    aside = receipt(reporter, fact_of(report, "duty.stepped_aside"))
    assert aside["words"]["title"] == f"{inspector.name_and_unit} stepped aside from report {report.reference}"
    assert aside["disclosed"] == {}


def test_a_reporter_who_asked_for_it_is_named_in_nothing_that_a_holder_has(keeper: Keeper) -> None:
    people = force()
    reporter, inspector = people[0], people[2]
    report = sent(reporter, confidential=True)
    act(inspector, report)
    keeper.round()
    theirs = [fact for fact in Fact.objects.for_subject(report.subject) if status(inspector, fact) == 200]
    assert [fact.kind for fact in theirs] == ["duty.passed", "duty.opened", "duty.acted"]
    for fact in theirs:
        data = signed_in(inspector).get(f"/receipts/{fact.pk}/download").content
        page = signed_in(inspector).get(f"/receipts/{fact.pk}/").content
        assert not any(secret in text for text in (data, page) for secret in (str(reporter.pk).encode(), reporter.last_name.encode()))


def test_an_older_fact_that_names_such_a_reporter_is_not_given_to_a_holder(keeper: Keeper) -> None:
    reporter, _, inspector, *_ = a_line()
    standards_officer()
    report = send(reporter, confidential=True)
    with transaction.atomic():
        append_all([duties.passed_fact(open_duty_of(report), actor=person_actor(reporter))])
    keeper.round()
    assert status(inspector, fact_of(report, "duty.passed")) == 404
    assert status(reporter, fact_of(report, "duty.passed")) == 200


def test_professional_standards_has_no_receipt_of_what_was_never_its_duty(keeper: Keeper) -> None:
    reporter = a_line()[0]
    officer: Person = PersonFactory()
    officer.groups.add(Group.objects.get_or_create(name=Role.PROFESSIONAL_STANDARDS)[0])
    standards_officer()
    report = send(reporter)
    assert {status(officer, fact) for fact in Fact.objects.for_subject(report.subject)} == {404}


def test_files_are_given_as_their_digest(keeper: Keeper) -> None:
    import hashlib

    reporter = force()[0]
    report = sent(reporter)
    picture = files.picture()
    added = evidence.check(files.upload("shot.png", picture))
    key = report.pk
    adding.add_to_report(reporter=reporter, report_id=report.pk, key=key, text="And this", files=[added])
    keeper.round()
    members = receipt(reporter, fact_of(report, "report.added"))
    assert list(given(members).values()) == ["And this"]
    digests = [one["sha256"] for one in members["disclosed"].values() if "sha256" in one]
    assert digests == [hashlib.sha256(picture).hexdigest()]


def test_after_an_erasure_nothing_is_given_away_and_whoever_held_the_duty_still_has_proof(keeper: Keeper) -> None:
    reporter, _, inspector, *_ = a_line()
    standards_officer()
    report = send(reporter)
    act(inspector, report)
    keeper.round()
    with transaction.atomic():
        erase(report.container)
        Report.objects.filter(pk=report.pk).update(state=ReportState.ERASED)
    for person in (reporter, inspector):
        members = receipt(person, fact_of(report, "duty.acted"))
        assert members["disclosed"] == {}
        assert "erased" in members["words"]["title"]


def test_the_reporter_is_told_at_each_step_where_the_receipt_is() -> None:
    reporter, _, inspector, *_ = a_line()
    standards_officer()
    report = send(reporter)
    taking_up.take_up(person=inspector, report_id=report.pk)
    act(inspector, report)
    told = Outbox.objects.filter(to=reporter).order_by("pk")
    assert [notice.kind for notice in told] == ["report.opened", "report.taken_up", "report.acted"]
    assert all("Your receipt is at http://testserver/receipts/." in notice.body for notice in told)
    assert "Your receipt is at" in Outbox.objects.get(to=inspector, kind="duty.passed").body


def test_the_reports_page_links_to_each_receipt() -> None:
    reporter, _, inspector, *_ = a_line()
    standards_officer()
    report = send(reporter)
    act(inspector, report)
    page = signed_in(reporter).get(f"/reports/{report.reference}/").content.decode()
    kinds = ["report.sent", "duty.passed", "duty.opened", "duty.acted"]
    assert all(f'href="/receipts/{fact_of(report, kind).pk}/"' in page for kind in kinds)


def test_a_holder_and_a_desk_find_their_duties_on_the_list(keeper: Keeper) -> None:
    reporter, _, inspector, *_ = a_line()
    standards_officer()
    report = send(reporter)
    keeper.round()
    page = signed_in(inspector).get("/receipts/").content.decode()
    assert f'href="/duties/{report.reference}/">Duty on report <span class="app-reference">{report.reference}</span><' in page
    assert page.count("Save<span") == 1
    assert Duty.objects.get(report=report).from_at <= timezone.now()

"""The pages on which professional standards exclude somebody and let them back, and what is left for whoever was excluded."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.people.models import Absence, Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting import adding, asking, opening
from reporting.choices import Conflicted, Excluded
from reporting.desk import excluding
from reporting.models import Conflict, Exclusion, Report
from reporting.statements import stating
from reporting.statements.parts import Party
from reporting.tests.browsing import in_one_line, signed_in
from reporting.tests.erasures import erased
from reporting.tests.making import open_duty_of, send, standards_officer
from reporting.tests.test_stating import checked, kinds, made, reading

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "Her phone number is in the exported chat."


@pytest.fixture
def whom() -> Person:
    person: Person = PersonFactory(last_name="Zelenka")
    return person


def page(report: Report, q: str = "") -> str:
    return f"/standards/{report.reference}/excluded/" + (f"?q={q}" if q else "")


def form(whom: Person, **given: str) -> dict[str, str]:
    return {"whom": str(whom.pk), "why": "sender", "reason": REASON, **given}


def test_the_page_finds_somebody_reads_back_and_excludes_them(one: Person, report: Report, whom: Person) -> None:
    client = signed_in(one)
    assert "Exclude somebody" in in_one_line(client.get(f"/standards/{report.reference}/"))
    assert "Nobody is excluded but its reporter." in in_one_line(client.get(page(report)))
    assert f"{whom.name_and_unit}, {whom.number}" in in_one_line(client.get(page(report, "Zelenka")))
    checked = in_one_line(client.post(page(report, "Zelenka"), form(whom)))
    assert all(said in checked for said in ("Check whom you exclude", whom.name_and_unit, "Sent the message", REASON))
    assert not Conflict.objects.exists()
    assert "What did you learn?" in in_one_line(client.post(page(report, "Zelenka"), form(whom, change="yes")))
    after = in_one_line(client.post(page(report, "Zelenka"), form(whom, confirmed="yes"), follow=True))
    assert f"{whom.name_and_unit} is excluded from this report" in after
    assert f"{whom.name_and_unit}</strong>. Sent the message. Excluded by you, " in after
    assert REASON in after
    assert "Nobody found who is not excluded already" in in_one_line(client.get(page(report, "Zelenka")))


def test_the_check_says_what_becomes_of_the_duty(one: Person, other: Person, people: list[Person], report: Report) -> None:
    client, inspector = signed_in(one), people[2]
    assert "It moves at once to whoever is next" in in_one_line(client.post(page(report, inspector.number), form(inspector)))
    after = in_one_line(client.post(page(report, inspector.number), form(inspector, confirmed="yes"), follow=True))
    assert f"The duty to act passed to {people[3].name_and_unit}" in after
    at_desk = send(people[0], skip_line=True)
    assert "The duty stays there with the others." in in_one_line(client.post(page(at_desk, other.number), form(other)))
    deputy, at = PersonFactory(rank=30, last_name="Deputy"), timezone.now()
    Absence.objects.create(person=inspector, deputy=deputy, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=9))
    with_deputy = send(people[0])
    assert f"{deputy.name_and_unit} holds the duty because they stood in" in in_one_line(
        client.post(page(with_deputy, inspector.number), form(inspector))
    )


def test_what_is_missing_or_refused_is_said_on_the_page(one: Person, people: list[Person], report: Report, whom: Person) -> None:
    client = signed_in(one)
    empty = in_one_line(client.post(page(report, "Zelenka"), {}))
    assert all(said in empty for said in ("Select who must not know of this report", "Select what you learned", "Enter how you know"))
    assert "Select somebody from the list" in in_one_line(client.post(page(report, "Zelenka"), form(people[2])))
    assert "Enter a name or a number" in in_one_line(client.get(f"{page(report)}?q="))
    assert "Nobody found" in in_one_line(client.get(page(report, one.number)))  # oneself
    refused = in_one_line(client.post(page(report, people[0].number), form(people[0], confirmed="yes")))
    assert "sent this report, so they never hold its duty" in refused
    assert REASON in refused
    gone = in_one_line(client.post(page(report, one.number), form(whom)))  # nobody is found, as where somebody else excluded them meanwhile
    assert "Whoever is excluded already is not in it" in gone
    assert REASON in gone
    assert not Conflict.objects.exists()


def test_the_check_and_the_search_are_the_same_for_a_reporter_whose_name_is_kept_back(
    one: Person, people: list[Person], whom: Person
) -> None:
    report, client = send(people[0], confidential=True), signed_in(one)
    answers = []
    for person in (people[0], whom):
        shown = [client.get(page(report, person.number)), client.post(page(report, person.number), form(person))]
        done = client.post(page(report, person.number), form(person, confirmed="yes"), follow=True)
        masks = ((person.name_and_unit, "X"), (person.number, "N"), (str(person.pk), "K"))
        texts = [in_one_line(answer).split("<main")[1] for answer in shown]
        for given, mask in masks:
            texts = [one_text.replace(given, mask) for one_text in texts]
        answers.append(
            [*(one_text.split("csrfmiddlewaretoken")[0] for one_text in texts), f"{person.name_and_unit} is" in in_one_line(done)]
        )
        excluding.readmit(person=one, conflict_id=Conflict.objects.latest("at").pk, reason="A mistake.")
    assert answers[0] == answers[1]


def test_somebody_is_let_back_on_a_page_of_its_own(one: Person, report: Report, whom: Person) -> None:
    excluding.exclude(person=one, report_id=report.pk, whom=whom, why=Conflicted.OTHER, reason=REASON)
    client, address = signed_in(one), f"{page(report)}{Conflict.objects.get().pk}/"
    assert f"Let {whom.name_and_unit} back" in in_one_line(client.get(address))
    assert "Enter why it was a mistake" in in_one_line(client.post(address, {}))
    after = in_one_line(client.post(address, {"reason": "Another Zelenka."}, follow=True))
    assert f"{whom.name_and_unit} is not excluded any more" in after
    assert "Nobody is excluded but its reporter." in after
    assert client.get(address).status_code == 404


def test_the_pages_exist_for_nobody_else(one: Person, people: list[Person], report: Report, whom: Person) -> None:
    excluding.exclude(person=one, report_id=report.pk, whom=whom, why=Conflicted.OTHER, reason=REASON)
    kept_from = standards_officer()
    Exclusion.objects.create(report=report, person=kept_from, why=Excluded.NAMED)
    for address in (page(report), f"{page(report)}{Conflict.objects.get().pk}/"):
        assert Client().get(address).status_code == 302
        for person in (people[0], people[2], whom, kept_from):
            assert signed_in(person).get(address).status_code == 404
            assert signed_in(person).post(address, form(people[2], confirmed="yes")).status_code == 404
        assert signed_in(one).put(address).status_code == 405
    elsewhere = send(people[0])
    assert signed_in(one).get(f"{page(elsewhere)}{Conflict.objects.get().pk}/").status_code == 404
    assert Conflict.objects.count() == 1


@pytest.mark.usefixtures("folder")
def test_an_erased_report_answers_that_it_is_gone(one: Person, other: Person, report: Report, whom: Person) -> None:
    erased(report, one, other)
    assert signed_in(one).get(page(report)).status_code == 410
    assert signed_in(one).post(page(report, "Zelenka"), form(whom, confirmed="yes")).status_code == 410


def test_whoever_held_it_and_is_excluded_finds_nothing_of_it(one: Person, people: list[Person], report: Report) -> None:
    inspector, base = people[2], f"/duties/{report.reference}/"
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    question = asking.ask(person=inspector, report_id=report.pk, question="Which group?")
    adding.answer_question(reporter=people[0], report_id=report.pk, question_id=question.pk, text="Nights.")
    given = stating.give_statement(person=inspector, report_id=report.pk, as_=Party.HOLDER)
    client = signed_in(inspector)
    addresses = ["/", "/duties/", "/duties/board/", "/duties/?state=ended", "/receipts/"]
    assert report.reference in in_one_line(client.get("/duties/"))
    mine = Fact.objects.of_kind("duty.opened").get()
    kept = [base, f"{base}act/", f"{base}note/", f"{base}statement/", f"{base}statement/{given.subject_seq}/", f"/receipts/{mine.pk}/"]
    assert {address: client.get(address).status_code for address in kept} == dict.fromkeys(kept, 200)
    excluding.exclude(person=one, report_id=report.pk, whom=inspector, why=Conflicted.SENDER, reason=REASON)
    for address in addresses:
        shown = client.get(address)
        assert shown.status_code == 200, address
        assert report.reference not in in_one_line(shown), address
    for address in kept:
        assert client.get(address).status_code == 404, address
        assert client.get(address.replace(report.reference, "MR-3333-333K")).status_code == 404
    assert "You hold no duties" in in_one_line(client.get("/duties/"))
    assert open_duty_of(report).holder == people[3]


def test_a_statement_says_that_the_duty_was_moved_and_neither_by_whom_nor_why(
    keeper: Any, one: Person, people: list[Person], report: Report, tmp_path: Path
) -> None:
    excluding.exclude(person=one, report_id=report.pk, whom=people[2], why=Conflicted.SENDER, reason=REASON)
    data, file = made(keeper, people[0], report, Party.REPORTER)
    assert kinds(file) == ["report.sent", "duty.passed", "duty.passed", "statement.given"]
    assert str(one.pk).encode() not in data
    answer, said = checked(data, tmp_path)
    assert (answer, said.count("because professional standards moved it")) == (0, 1)
    found, voice = reading(people[0], report, Party.REPORTER)
    assert [row.because for row in voice.rows(found)] == ["the report was sent", "professional standards moved it"]

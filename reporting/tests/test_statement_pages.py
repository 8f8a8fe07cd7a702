"""The pages of a statement of duty, in the three rooms that have them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.receipts.paper import copies
from portal.receipts.paper.contents import Table
from portal.record.models import Fact
from reporting import opening, stepping_aside
from reporting.choices import DutyState, Excluded
from reporting.escalation import lapsing
from reporting.models import Report
from reporting.statements import papers as statement_papers
from reporting.statements import stating
from reporting.statements.parts import Party
from reporting.tests.browsing import signed_in, text
from reporting.tests.making import RUNGS, a_line, chain, looks, open_duty_of, send, standards_officer
from reporting.tests.test_stating import AT_ONCE

ROOMS = ["reports", "duties", "standards"]


@pytest.fixture
def people(transactional_db: None) -> list[Person]:
    return a_line()


@pytest.fixture
def member(people: list[Person]) -> Person:
    return standards_officer()


def of(room: str, people: list[Person], member: Person) -> Client:
    return signed_in({"reports": people[0], "duties": people[2], "standards": member}[room])


@pytest.mark.parametrize("room", ROOMS)
def test_each_party_reads_makes_and_downloads_theirs(keeper: Any, people: list[Person], member: Person, report: Report, room: str) -> None:
    client, address = of(room, people, member), f"/{room}/{report.reference}/statement/"
    assert address in text(client.get(f"/{room}/{report.reference}/"))
    page = text(client.get(address))
    assert f"{people[2].name_and_unit} held the duty to act " in page
    assert "the report was sent" in page
    keeper.round()
    asked = client.post(address)
    made = asked.headers["Location"]
    assert made == f"{address}{chain(report).index('statement.given') + 1}/"
    keeper.round()
    assert "Download the data" in text(client.get(made))
    response = client.get(f"{made}download/")
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Content-Disposition"].startswith(f'attachment; filename="statement-{report.reference}-')
    assert "no-store" in response.headers["Cache-Control"]
    assert json.loads(response.content)["words"]["for"] == {"reports": "reporter", "duties": "holder", "standards": "standards"}[room]
    assert made in text(client.get(address))


@pytest.mark.parametrize("room", ROOMS)
def test_for_anybody_else_no_page_of_a_statement_exists(people: list[Person], member: Person, report: Report, room: str) -> None:
    address = f"/{room}/{report.reference}/statement/"
    made = of(room, people, member).post(address).headers["Location"]
    before = chain(report)
    hidden = send(people[0], excluded={member: Excluded.NAMED})
    stranger: Person = PersonFactory(rank=60)
    outsiders = [stranger, *(person for person in (people[0], people[2]) if room == "standards")]
    for person in outsiders:
        client = signed_in(person)
        assert {client.get(one).status_code for one in (address, made, f"{made}download/")} == {404}
        assert client.post(address).status_code == 404
    assert signed_in(member).get(f"/standards/{hidden.reference}/statement/").status_code == 404
    assert signed_in(member).post(f"/standards/{hidden.reference}/statement/").status_code == 404
    assert (chain(report), chain(hidden)) == (before, ["report.sent", "duty.passed"])
    assert {Client().get(one).status_code for one in (address, made, f"{made}download/")} == {302}


@pytest.mark.parametrize("room", ROOMS)
def test_a_statement_is_for_the_one_who_made_it(people: list[Person], member: Person, report: Report, room: str) -> None:
    made = of("reports", people, member).post(f"/reports/{report.reference}/statement/").headers["Location"]
    other = made.replace("/reports/", f"/{room}/")
    expected = 200 if room == "reports" else 404
    assert of(room, people, member).get(other).status_code == expected
    assert of(room, people, member).get(f"/{room}/{report.reference}/statement/1/").status_code == 404
    assert of(room, people, member).get(f"/{room}/{report.reference}/statement/{10**30}/").status_code == 404


@pytest.mark.parametrize("room", ROOMS)
def test_a_wrong_method_or_reference_is_refused(people: list[Person], member: Person, report: Report, room: str) -> None:
    client, address = of(room, people, member), f"/{room}/{report.reference}/statement/"
    assert client.put(address).status_code == 405
    assert client.post(f"{address}3/").status_code == 405
    assert client.post(f"{address}3/download/").status_code == 405
    assert client.get(f"/{room}/MR-2222-2222/statement/").status_code == 404
    assert client.get(f"/{room}/nonsense/statement/").status_code == 404
    assert client.get(f"/{room}/{report.reference.lower().replace('-', ' ')}/statement/").status_code == 200


def test_while_nobody_signs_the_page_says_so(people: list[Person], report: Report) -> None:
    client = signed_in(people[0])
    made = client.post(f"/reports/{report.reference}/statement/").headers["Location"]
    page = text(client.get(made))
    assert "The record is not being signed at the moment" in page
    assert "Download the data" not in page
    assert client.get(f"{made}download/").headers["Location"] == made
    assert client.post(f"{made}paper/").headers["Location"] == made


def test_while_the_clock_runs_the_page_waits_for_the_signature(
    keeper: Any, people: list[Person], report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(people[0])
    keeper.round()
    made = client.post(f"/reports/{report.reference}/statement/").headers["Location"]
    with monkeypatch.context() as patch:
        patch.setattr("reporting.views.statements.wait_for", lambda look: look())
        waiting = client.get(made)
    assert "ready in a moment" in text(waiting)
    assert waiting.headers["Refresh"] == "3"
    monkeypatch.setattr("portal.receipts.waiting.time.sleep", lambda _: keeper.round())
    assert "Download the data" in text(client.get(made))


def test_a_look_by_a_holder_or_standards_is_recorded_and_opens_nothing(people: list[Person], member: Person, report: Report) -> None:
    for room in ROOMS:
        of(room, people, member).get(f"/{room}/{report.reference}/statement/")
    assert looks(report) == ["report.consulted", "report.consulted"]
    assert chain(report) == ["report.sent", "duty.passed"]
    assert open_duty_of(report).state == DutyState.SENT


def test_an_excluded_member_learns_nothing_by_a_statement_they_made_before(people: list[Person], report: Report) -> None:
    client = signed_in(people[2])
    made = client.post(f"/duties/{report.reference}/statement/").headers["Location"]
    stepping_aside.step_aside(person=people[2], report_id=report.pk, reason="My brother.")
    assert {client.get(one).status_code for one in (made, f"{made}download/", f"/duties/{report.reference}/statement/")} == {404}


def test_the_page_says_what_is_proved_and_what_is_not(people: list[Person]) -> None:
    report = send(people[0], rungs=[AT_ONCE[0], *RUNGS[1:]])
    lapsing.fire_due()
    page = text(signed_in(people[0]).get(f"/reports/{report.reference}/statement/"))
    assert f"{people[2].name_and_unit} did not open the report " in page
    assert f"{people[3].name_and_unit} did not act " in page
    assert "Lapsed: did not open the report by" in page
    assert "What it does not prove" in page
    assert "names are the portal's word" in page


def test_a_holder_of_a_confidential_report_reads_no_name_of_its_reporter(people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable, confidential=True)
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    page = text(signed_in(inspector).get(f"/duties/{report.reference}/statement/"))
    assert constable.plain_name not in page
    assert str(constable.pk) not in page


def test_a_former_holder_reads_nothing_of_what_came_later(people: list[Person]) -> None:
    report = send(people[0], rungs=[AT_ONCE[0], *RUNGS[1:]])
    lapsing.fire_due()
    client, address = signed_in(people[2]), f"/duties/{report.reference}/statement/"
    before = text(client.get(address))
    opening.open_duty(person=people[3], report_id=report.pk, why="duty")
    after = text(client.get(address))
    assert "withheld" not in before + after
    assert "to where it ended" in after
    assert f"The duty to act passed to {people[3].name_and_unit} at " in after
    assert f"{people[3].name_and_unit} did not" not in after
    assert after[after.index("<h1") : after.index("<form")] == before[before.index("<h1") : before.index("<form")]


def test_a_page_reads_the_chain_once(people: list[Person], report: Report, django_assert_max_num_queries: Any) -> None:
    client = signed_in(people[0])
    client.get(f"/reports/{report.reference}/statement/")
    with django_assert_max_num_queries(8):
        client.get(f"/reports/{report.reference}/statement/")
    assert Fact.objects.for_subject(report.consultations).count() == 0


@pytest.mark.parametrize("room", ROOMS)
def test_each_party_has_their_statement_on_paper(keeper: Any, people: list[Person], member: Person, report: Report, room: str) -> None:
    client = of(room, people, member)
    keeper.round()
    made = client.post(f"/{room}/{report.reference}/statement/").headers["Location"]
    keeper.round()
    assert "There is no paper copy" in text(client.get(f"{made}paper/"))
    assert client.post(f"{made}paper/").headers["Location"] == f"{made}paper/"
    waiting = client.get(f"{made}paper/")
    assert "is being made" in text(waiting)
    assert waiting.headers["Refresh"] == "3"
    assert client.get(f"{made}paper/?file").headers["Location"] == f"{made}paper/"
    assert copies.make_due() == 1
    ready = client.get(f"{made}paper/")
    assert "Your paper copy is ready</h1>" in text(ready)
    assert f'href="{made}paper/?file"' in text(ready)
    assert ready.headers["Refresh"] == f"0; url={made}paper/?file"
    given = client.get(f"{made}paper/?file")
    assert given.headers["Content-Type"] == "application/pdf"
    assert given.headers["Content-Disposition"].endswith('.pdf"')
    assert given.content.startswith(b"%PDF")
    assert b".statement.json" in given.content
    assert {signed_in(PersonFactory(rank=60)).get(f"{made}paper/{query}").status_code for query in ("", "?file")} == {404}
    assert client.put(f"{made}paper/").status_code == 405


def test_the_paper_for_standards_names_no_person(keeper: Any, people: list[Person], member: Person, report: Report) -> None:
    given = stating.give_statement(person=member, report_id=report.pk, as_=Party.STANDARDS)
    keeper.round()
    found = statement_papers.build(member.pk, statement_papers.key_of(report, Party.STANDARDS, given.subject_seq))
    table = next(part for part in found.parts if isinstance(part, Table))
    assert table.rows[0][0] == f"person:{people[2].pk}"
    assert not [person for person in people if person.plain_name in str(found)]


def test_no_paper_is_made_for_somebody_who_may_not_have_it_any_more(keeper: Any, people: list[Person], report: Report) -> None:
    given = stating.give_statement(person=people[2], report_id=report.pk, as_=Party.HOLDER)
    key = statement_papers.key_of(report, Party.HOLDER, given.subject_seq)
    with pytest.raises(copies.Gone):
        statement_papers.build(people[2].pk, key)  # nothing covers it yet
    keeper.round()
    assert statement_papers.build(people[2].pk, key).reference == report.reference
    with pytest.raises(copies.Gone):
        statement_papers.build(people[3].pk, key)
    with pytest.raises(copies.Gone):
        statement_papers.build(people[2].pk, statement_papers.key_of(report, Party.HOLDER, 1))
    stepping_aside.step_aside(person=people[2], report_id=report.pk, reason="My brother.")
    with pytest.raises(copies.Gone):
        statement_papers.build(people[2].pk, key)

"""Statements of duty: who gets which part of the chain, what is disclosed and withheld, and what the facts prove."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record import published
from portal.record.appending import append, now, person_actor
from portal.record.canonical import canonical
from portal.record.models import Fact
from portal.record.notes import parse_key, parse_note
from portal.record.proofs import check_inclusion
from portal.record.tree import leaf_hash
from portal.record.verifier import candour_verify
from portal.record.verifier.candour_verify import verify_statement
from portal.vault.sealing import commitment, erase
from reporting import acting, adding, asking, holding, opening, passing, stepping_aside, taking_up
from reporting.choices import Excluded, Outcome
from reporting.confidence import voices
from reporting.escalation import lapsing
from reporting.escalation.ladder import Rung
from reporting.models import Duty, Report
from reporting.statements import files as statement_files
from reporting.statements import parts, stating
from reporting.statements.intervals import Reading, read
from reporting.statements.parts import Party
from reporting.statements.wording import Voice
from reporting.tests.making import RUNGS, a_line, chain, looks, open_duty_of, send, standards_officer
from reporting.timeline import timeline

VERIFIER = Path(candour_verify.__file__)
SOON = [Rung(1, 30, None, 60, 120), Rung(2, None, "professional-standards", 240, 2880)]
AT_ONCE = [Rung(1, 30, None, 0, 0), Rung(2, 40, None, 0, 0), Rung(3, None, "professional-standards", 240, 2880)]


@pytest.fixture
def people(transactional_db: None) -> list[Person]:
    return a_line()


def given_to(person: Person, report: Report, party: Party) -> Fact:
    return stating.give_statement(person=person, report_id=report.pk, as_=party)


def made(keeper: Any, person: Person, report: Report, party: Party) -> tuple[bytes, dict[str, Any]]:
    """The file of a new statement, checked against the record's own proofs."""
    given = given_to(person, report, party)
    keeper.round()
    checkpoint = statement_files.cover(given)
    assert checkpoint is not None
    data = statement_files.content(statement_files.statement(report, party=party, person=person, given=given), checkpoint)
    verdict = verify_statement(data, keys=published.trusted_keys())
    assert verdict.good, verdict.sentences
    file = json.loads(data)
    assert f"{canonical(file)}\n".encode() == data
    for one in file["facts"]:
        leaf = leaf_hash(one["leaf"].encode()) if "leaf" in one else base64.b64decode(one["withheld"])
        path = [base64.b64decode(node) for node in one["path"]]
        check_inclusion(index=one["index"], size=checkpoint.size, leaf=leaf, path=path, root=checkpoint.root)
    return data, file


def kinds(file: dict[str, Any]) -> list[str]:
    return [json.loads(one["leaf"])["kind"] if "leaf" in one else "withheld" for one in file["facts"]]


def disclosed(file: dict[str, Any]) -> dict[str, str]:
    """Every value given away, each checked against the hash in its leaf."""
    found: dict[str, str] = {}
    for one in file["facts"]:
        sealed = json.loads(one["leaf"])["sealed"] if "leaf" in one else {}
        for name, member in one.get("disclosed", {}).items():
            value = base64.b64decode(member["value"])
            assert commitment(base64.b64decode(member["salt"]), value) == sealed[name]
            found[name] = value.decode()
    return found


def reading(person: Person, report: Report, party: Party) -> tuple[Reading, Voice]:
    pieces = parts.part(party, person, report, parts.facts_of(report))
    return read(pieces, until=now()), Voice(parts.names_of(parts.keys_in(pieces)))


def worked_on(constable: Person, inspector: Person) -> Report:
    report = send(constable)
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    taking_up.take_up(person=inspector, report_id=report.pk)
    asking.ask(person=inspector, report_id=report.pk, question="Who was there?")
    adding.add_to_report(reporter=constable, report_id=report.pk, key=PersonFactory.build().pk, text="One more thing.")
    acting.act(person=inspector, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Secret reasons.", shared="It was stopped.")
    return report


def test_a_reporter_is_given_the_whole_chain_with_what_they_wrote_and_what_was_written_for_them(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    data, file = made(keeper, constable, report := worked_on(constable, inspector), Party.REPORTER)
    assert kinds(file) == [
        *("report.sent", "duty.passed", "duty.opened", "duty.taken_up", "report.asked", "report.added", "duty.acted", "statement.given")
    ]
    assert set(disclosed(file).values()) >= {"The words of the message.", "Who was there?", "One more thing.", "It was stopped."}
    assert b"U2VjcmV0IHJlYXNvbnMu" not in data
    assert (file["subject"], file["words"]["for"], file["words"]["reference"]) == (report.subject, "reporter", report.reference)
    assert file["words"]["names"] == {f"person:{one.pk}": one.name_and_unit for one in (constable, inspector)}


def test_a_holder_is_given_their_part_with_what_they_wrote(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    _, file = made(keeper, inspector, worked_on(constable, inspector), Party.HOLDER)
    assert kinds(file) == ["duty.passed", "duty.opened", "duty.taken_up", "report.asked", "report.added", "duty.acted", "statement.given"]
    assert sorted(disclosed(file).values()) == ["It was stopped.", "Secret reasons.", "Who was there?"]


def test_standards_are_given_the_whole_chain_and_neither_words_nor_names_of_people(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    _, file = made(keeper, standards_officer(), worked_on(constable, inspector), Party.STANDARDS)
    assert (len(file["facts"]), disclosed(file), file["words"]["names"]) == (8, {}, {})
    _, file = made(keeper, standards_officer(), send(constable, skip_line=True), Party.STANDARDS)
    assert file["words"]["names"] == {"post:professional-standards": "Professional standards desk"}


def test_the_keys_are_those_that_signed_and_the_portals_last(keeper: Any, people: list[Person]) -> None:
    constable, *_ = people
    _, file = made(keeper, constable, send(constable), Party.REPORTER)
    lines = [(line.name, line.key_id) for line in parse_note(file["checkpoint"]).lines]
    keys = [parse_key(vkey) for vkey in file["keys"]]
    assert [(key.name, key.key_id) for key in keys[:-1]] == lines
    assert file["keys"][-1] == published.trusted_keys()[-1]


def test_a_statement_ends_the_chain_names_nobody_and_moves_no_duty(people: list[Person]) -> None:
    constable, *_ = people
    report, before = send(constable), Duty.objects.values().get()
    given = given_to(constable, report, Party.REPORTER)
    assert (chain(report)[-1], looks(report)) == ("statement.given", ["statement.taken"])
    assert (given.actor, given.data, given.subject_seq) == ("process:statements", {}, 3)
    assert str(constable.pk) not in given.leaf
    assert Duty.objects.values().get() == before


def test_asked_for_again_within_a_minute_it_is_the_same_unless_something_happened(people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable)
    first = given_to(constable, report, Party.REPORTER)
    assert given_to(inspector, report, Party.HOLDER) != first
    assert given_to(constable, report, Party.REPORTER) == first
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    assert given_to(constable, report, Party.REPORTER) != first
    assert chain(report).count("statement.given") == 3


def test_two_clicks_at_once_make_one_statement(people: list[Person], together: Any) -> None:
    constable, *_ = people
    report = send(constable)
    first, second = together(*[lambda: given_to(constable, report, Party.REPORTER)] * 2)
    assert first == second


def test_that_a_statement_was_made_is_told_to_who_made_it_and_to_standards(people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report, standards = send(constable), standards_officer()
    given_to(constable, report, Party.REPORTER)
    told = {who.pk: [event.text for event in timeline(report, viewer=who)] for who in (constable, inspector, standards)}
    assert "You made a statement of duty" in told[constable.pk]
    assert f"{constable.name_and_unit} made a statement of duty" in told[standards.pk]
    assert "statement" not in " ".join(told[inspector.pk])


@pytest.mark.parametrize("party", list(Party))
def test_nobody_else_is_given_one(people: list[Person], party: Party) -> None:
    constable, sergeant, inspector, *_ = people
    excluded = standards_officer()
    report = send(constable, excluded={excluded: Excluded.NAMED})
    for person in {Party.REPORTER: [inspector, sergeant], Party.HOLDER: [constable, sergeant]}.get(party, [constable, inspector, excluded]):
        with pytest.raises(holding.NotYours):
            given_to(person, report, party)
    assert "statement.given" not in chain(report)


def test_who_stepped_aside_is_given_nothing_more(people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable)
    given_to(inspector, report, Party.HOLDER)
    stepping_aside.step_aside(person=inspector, report_id=report.pk, reason="My brother.")
    with pytest.raises(holding.NotYours):
        given_to(inspector, report, Party.HOLDER)


def test_a_reporters_key_is_nowhere_in_a_holders_statement_of_a_confidential_report(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable, confidential=True)
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    adding.add_to_report(reporter=constable, report_id=report.pk, key=PersonFactory.build().pk, text="One more thing.")
    given_to(constable, report, Party.REPORTER)
    data, file = made(keeper, inspector, report, Party.HOLDER)
    assert "withheld" not in kinds(file)
    assert kinds(file)[-1] == "statement.given"
    for trace in (str(constable.pk), constable.pk.hex, constable.plain_name, constable.number):
        assert trace.encode() not in data


def test_what_a_confidential_reporter_adds_costs_no_proof_and_proves_to_be_theirs(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable, confidential=True, rungs=SOON)
    adding.add_to_report(reporter=constable, report_id=report.pk, key=PersonFactory.build().pk, text="More.")
    found, voice = reading(inspector, report, Party.HOLDER)
    assert sum(sentence.startswith(f"{inspector.name_and_unit} did not ") for sentence in voice.proved(found)) == 2
    data, _ = made(keeper, constable, report, Party.REPORTER)
    values = [one["value"] for fact in json.loads(data)["facts"] for name, one in fact["disclosed"].items() if name.startswith("author-")]
    who = f"{constable.name_and_unit}, {constable.number}, {person_actor(constable)}"
    assert [base64.b64decode(value).decode() for value in values] == [who]


def test_what_is_withheld_proves_no_absence_across_it(keeper: Any, people: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    constable, _, inspector, *_ = people
    monkeypatch.setattr(voices, "actor", lambda report, _process: person_actor(report.reporter))  # as before docs/decisions/0024
    for confidential in (False, True):
        report = send(constable, confidential=confidential, rungs=SOON)
        adding.add_to_report(reporter=constable, report_id=report.pk, key=PersonFactory.build().pk, text="One more thing.")
        found, voice = reading(inspector, report, Party.HOLDER)
        absent = [sentence for sentence in voice.proved(found) if sentence.startswith(f"{inspector.name_and_unit} did not ")]
        _, file = made(keeper, inspector, report, Party.HOLDER)
        assert (len(absent), "withheld" in kinds(file)) == ((0, True) if confidential else (2, False))
    assert "Here 1 fact is" in " ".join(voice.not_proved(found))


def test_an_older_confidential_report_withholds_even_the_fact_that_began_the_duty(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable)  # the reporter is the actor of its first duty
    Report.objects.update(confidential=True)
    report.refresh_from_db()
    data, file = made(keeper, inspector, report, Party.HOLDER)
    assert (kinds(file), reading(inspector, report, Party.HOLDER)[0].intervals) == (["withheld", "withheld", "statement.given"], [])
    assert str(constable.pk).encode() not in data


def test_looks_that_older_reports_have_on_their_chain_are_withheld_from_the_reporter(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable)
    with transaction.atomic():
        append(kind="report.consulted", subject=report.subject, actor=person_actor(inspector), facts={"why": "duty"})
    assert kinds(made(keeper, constable, report, Party.REPORTER)[1])[2] == "withheld"
    assert "withheld" not in kinds(made(keeper, standards_officer(), report, Party.STANDARDS)[1])


def test_lapses_at_two_levels_and_an_act_by_the_desk_are_read_as_three_intervals(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, chief, _ = people
    member, report = standards_officer(), send(constable, rungs=AT_ONCE)
    lapsing.fire_due()
    lapsing.fire_due()
    acting.act(person=member, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Dealt with.")
    found, voice = reading(constable, report, Party.REPORTER)
    rows, desk = voice.rows(found), "Professional standards desk"
    assert [row.holder for row in rows] == [inspector.name_and_unit, chief.name_and_unit, desk]
    assert rows[0].because == "the report was sent"
    assert rows[1].because.startswith(f"{inspector.name_and_unit} did not open it by ")
    assert [row.until for row in rows[:2]] == [row.start for row in rows[1:]]
    assert [one.text for one in rows[0].events] == ["Lapsed: did not open the report by"]
    assert [(one.text, one.detail) for one in rows[2].events] == [("Opened", ""), ("Acted", "Taken up and dealt with locally")]
    proved = " ".join(voice.proved(found))
    assert proved.count("did not open the report ") == 2
    assert f"{chief.name_and_unit} did not open the report " in proved
    blink = replace(voice, moment=lambda at: "3:01am today")  # as everything here is said at most minutes of the day
    said = blink.proved(found)
    assert f"{inspector.name_and_unit} held the duty to act at 3:01am today, for less than a minute." in said
    assert f"{chief.name_and_unit} did not open the report within the minute of 3:01am today, when the deadline passed." in said
    assert [row.brief for row in blink.rows(found)] == [True, True, True]
    assert not any("from 3:01am" in one or "between 3:01am" in one for one in said)
    their_part = ["duty.passed", "deadline.missed", "duty.passed"]
    assert kinds(made(keeper, chief, report, Party.HOLDER)[1]) == [*their_part, "withheld", "withheld", "statement.given"]


def test_a_late_record_of_a_former_holder_follows_their_part_and_what_came_between_is_withheld(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, chief, _ = people
    report = send(constable, rungs=[AT_ONCE[0], *RUNGS[1:]])
    lapsing.fire_due()
    opening.open_duty(person=chief, report_id=report.pk, why="duty")
    acting.act_late(person=inspector, report_id=report.pk, outcome=Outcome.NO_ACTION, reasons="Nothing in it.")
    _, file = made(keeper, inspector, report, Party.HOLDER)
    assert kinds(file) == ["duty.passed", "deadline.missed", "duty.passed", "withheld", "duty.acted_late", "statement.given"]
    assert list(disclosed(file).values()) == ["Nothing in it."]
    rows = (spoken := reading(constable, report, Party.REPORTER))[1].rows(spoken[0])
    assert rows[0].events[-1].text == "Acted late, after the duty had passed on,"
    assert [one.text for one in rows[1].events] == ["Opened"]


def test_anybody_can_check_one_without_the_portal(keeper: Any, people: list[Person], tmp_path: Path) -> None:
    constable, *_ = people
    report = send(constable, rungs=AT_ONCE)
    standards_officer()
    lapsing.fire_due()
    lapsing.fire_due()
    data, _ = made(keeper, constable, report, Party.REPORTER)
    said = checked(data, tmp_path)
    assert said[0] == 0
    assert said[1].count("Nobody acted before the deadline") == 2
    assert said[1].count("because the deadline to open was missed") == 2
    assert "Professional standards desk held the duty from" in said[1]
    assert "nothing else was recorded" in said[1]
    assert checked(data.replace(b"open_missed", b"stepped_off"), tmp_path)[0] == 1


def checked(data: bytes, folder: Path) -> tuple[int, str]:
    """What the stand-alone verifier answers, as anybody would run it."""
    path = folder / "duty.statement.json"
    path.write_bytes(data)
    keys = [part for key in published.trusted_keys() for part in ("--key", key)]
    done = subprocess.run([sys.executable, "-I", VERIFIER, path, *keys], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout


def test_passed_on_stepped_aside_and_referred_are_said_in_words(people: list[Person]) -> None:
    constable, _, inspector, chief, _ = people
    other, report = PersonFactory(rank=30), send(constable)
    standards_officer()
    passing.pass_on(person=inspector, report_id=report.pk, to=other.pk, reason="Her team.")
    stepping_aside.step_aside(person=other, report_id=report.pk, reason="My brother.")
    acting.act(person=chief, report_id=report.pk, outcome=Outcome.STANDARDS, reasons="Beyond us.")
    found, voice = reading(constable, report, Party.REPORTER)
    assert [row.because for row in voice.rows(found)][1:] == [
        f"{inspector.name_and_unit} passed it on",
        f"{other.name_and_unit} stepped aside",
        f"{chief.name_and_unit} referred it to professional standards",
    ]
    assert [row.open for row in voice.rows(found)] == [False, False, False, True]


def test_a_desk_that_acts_past_its_deadline_did_not_act_before_it(people: list[Person]) -> None:
    constable, *_ = people
    member = standards_officer()
    report = send(constable, rungs=[Rung(1, None, "professional-standards", 0, 0)])
    lapsing.fire_due()
    acting.act(person=member, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Dealt with.")
    found, voice = reading(constable, report, Party.REPORTER)
    proved = " ".join(voice.proved(found))
    assert "Professional standards desk did not act " in proved
    assert "the end of this statement" not in proved
    assert voice.rows(found)[0].events[-1].text == "Acted late"


def test_every_member_of_a_post_may_have_its_part_and_nobody_who_is_excluded(people: list[Person]) -> None:
    constable, *_ = people
    member, hidden = standards_officer(), standards_officer()
    report = send(constable, skip_line=True, excluded={hidden: Excluded.SENDER})
    assert given_to(member, report, Party.HOLDER).data == {}
    for party in Party:
        with pytest.raises(holding.NotYours):
            given_to(hidden, report, party)


def test_a_report_whose_content_was_erased_has_a_statement_that_discloses_nothing(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = worked_on(constable, inspector)
    with transaction.atomic():
        erase(report.container)
    for person, party in ((constable, Party.REPORTER), (inspector, Party.HOLDER)):
        _, file = made(keeper, person, report, party)
        assert disclosed(file) == {}
        assert "statement.given" in kinds(file)


def test_a_statement_is_the_same_once_more_was_recorded(keeper: Any, people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable)
    given = given_to(constable, report, Party.REPORTER)
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    keeper.round()
    found = statement_files.statement(report, party=Party.REPORTER, person=constable, given=given)
    assert [piece.fact.kind for piece in found.pieces] == ["report.sent", "duty.passed", "statement.given"]
    assert open_duty_of(report).opened_at is not None


def test_a_statement_of_a_long_chain_asks_the_database_a_few_times(
    keeper: Any, people: list[Person], django_assert_max_num_queries: Any
) -> None:
    constable, *_ = people
    report = send(constable)
    with transaction.atomic():
        for number in range(500):
            append(kind="report.added", subject=report.subject, actor=person_actor(constable), facts={"message": str(number)})
    given = given_to(constable, report, Party.REPORTER)
    keeper.round()
    with django_assert_max_num_queries(8):
        checkpoint = statement_files.cover(given)
        assert checkpoint is not None
        data = statement_files.content(statement_files.statement(report, party=Party.REPORTER, person=constable, given=given), checkpoint)
    assert len(json.loads(data)["facts"]) == 503

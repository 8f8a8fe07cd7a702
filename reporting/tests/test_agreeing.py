from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from portal.people.models import Person
from portal.record.appending import append, now, process_actor
from portal.record.keeping import Keeper
from portal.record.verifying import Mismatch, verify
from reporting import acting, opening, taking_up, telling
from reporting.agreement.agreeing import disagreements
from reporting.choices import Outcome
from reporting.escalation import lapsing
from reporting.escalation.ladder import Rung
from reporting.models import Duty, Report
from reporting.tests.making import a_line, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db
AT_ONCE = [Rung(1, 30, None, 0, 0), Rung(2, 40, None, 60, 720), Rung(3, None, "professional-standards", 240, 2880)]

CHANGES = {
    "holder": "UPDATE reporting_duty SET holder_id = (SELECT max(id::text)::uuid FROM people_person WHERE id <> holder_id) WHERE seq = 2",
    "post for a person": "UPDATE reporting_duty SET holder_id = NULL, post_id = (SELECT min(id) FROM people_post) WHERE seq = 1",
    "deadline to open": "UPDATE reporting_duty SET open_due_at = open_due_at - interval '1 second' WHERE seq = 2",
    "deadline to act": "UPDATE reporting_duty SET act_due_at = act_due_at + interval '1 microsecond' WHERE seq = 2",
    "beginning": "UPDATE reporting_duty SET from_at = from_at - interval '1 hour' WHERE seq = 1",
    "level": "UPDATE reporting_duty SET level = 3 WHERE seq = 2",
    "why": "UPDATE reporting_duty SET why = 'manager' WHERE seq = 2",
    "told": "UPDATE reporting_duty SET told_at = now() WHERE seq = 1",
    "told never": "UPDATE reporting_duty SET told_at = NULL WHERE seq = 2",
    "opened earlier": "UPDATE reporting_duty SET opened_at = opened_at - interval '1 minute' WHERE seq = 2",
    "opened never": "UPDATE reporting_duty SET opened_at = NULL WHERE seq = 2",
    "taken up": "UPDATE reporting_duty SET taken_up_at = now() WHERE seq = 1",
    "acted earlier": "UPDATE reporting_duty SET acted_at = acted_at - interval '1 minute' WHERE seq = 2",
    "decided by": "UPDATE reporting_decision SET decided_by_id = (SELECT reporter_id FROM reporting_report LIMIT 1)",
    "outcome": "UPDATE reporting_decision SET outcome = 'standards'",
    "late": "UPDATE reporting_decision SET late = NOT late",
    "decision gone": "DELETE FROM reporting_decision",
    "lapse gone": "DELETE FROM reporting_lapse",
    "lapse due": "UPDATE reporting_lapse SET due_at = due_at - interval '1 day'",
    "reporter": "UPDATE reporting_report SET reporter_id = (SELECT max(holder_id::text)::uuid FROM reporting_duty)",
    "at risk": "UPDATE reporting_report SET at_risk_now = NOT at_risk_now",
    "confidential": "UPDATE reporting_report SET confidential = NOT confidential",
    "promise due": "UPDATE reporting_promise SET due_at = due_at + interval '1 day' WHERE seq = 1",
    "promise missed": "UPDATE reporting_promise SET state = 'missed', ended_at = due_at + interval '1 second' WHERE seq = 1",
    "promise terms": "UPDATE reporting_promise SET terms = '{}' WHERE seq = 1",
    "promise gone": "DELETE FROM reporting_promise",
    "ladder": "UPDATE reporting_report SET ladder = '[]'",
}


@pytest.fixture
def report() -> Report:
    """Lapsed once, told, opened, taken up and acted on: a fact of every kind that is compared."""
    return a_whole_report()


def a_whole_report() -> Report:
    constable, _, _, chief, _ = a_line()
    standards_officer()
    report = send(constable, rungs=AT_ONCE)
    assert lapsing.fire_due() == 1
    with transaction.atomic():
        telling.told(f"duty:{open_duty_of(report).pk}", now())
    see_to(chief, report)
    return report


def see_to(person: Person, report: Report) -> None:
    opening.open_duty(person=person, report_id=report.pk, why="duty")
    taking_up.take_up(person=person, report_id=report.pk)
    acting.act(person=person, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.", shared="Dealt with.")


def test_what_the_verbs_write_agrees(report: Report) -> None:
    assert list(disagreements()) == []


def test_a_referral_and_an_act_after_a_lapse_agree() -> None:
    constable, _, inspector, chief, _ = a_line()
    standards_officer()
    report = send(constable, rungs=AT_ONCE)
    lapsing.fire_due()
    acting.act_late(person=inspector, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Too late, but done.")
    acting.act(person=chief, report_id=report.pk, outcome=Outcome.STANDARDS, reasons="For the desk.", shared="Passed on.")
    assert list(disagreements()) == []


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_in_the_tables_is_found(report: Report, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0
    found = list(disagreements())
    assert found
    assert all(report.subject in said for said in found)


def test_a_row_without_facts_and_a_fact_without_rows_are_found(report: Report) -> None:
    duty = Duty.objects.get(report=report, seq=2)
    append(
        kind="duty.opened", subject=report.subject, actor=process_actor("test"), facts={"duty": duty.pk, "level": 1, "opened_at": "never"}
    )
    (said,) = disagreements()
    assert said.startswith(f"a fact about {report.subject} is not what the tables say: duty.opened")
    connection.cursor().execute(
        "INSERT INTO reporting_lapse (duty_id, deadline, due_at, fired_at) VALUES (%s, 'act', now(), clock_timestamp())", [duty.pk]
    )
    assert any("what no fact says: deadline.missed" in said for said in disagreements())


@pytest.mark.django_db(transaction=True)
def test_verify_record_finds_it(keeper: Keeper, owner_connection: Any) -> None:
    report = a_whole_report()
    keeper.round()
    assert verify().size > 8
    owner_connection.execute("UPDATE reporting_duty SET act_due_at = act_due_at + interval '1 day' WHERE seq = 1")
    with pytest.raises(Mismatch, match=f"the tables say of {report.subject} what no fact says: duty.passed act_due_at"):
        verify()


UNREADABLE = {
    "a word for a number": ("report.asked", '{"hear_by":"x","promise":"first"}'),
    "more digits than Python reads": ("duty.opened", f'{{"duty":{"9" * 5_000}}}'),
    "deeper than Python reads": ("duty.opened", f'{{"duty":{"[" * 3_000}{"]" * 3_000}}}'),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "facts"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_fact_that_nobody_can_read_is_found_and_hides_nothing(kind: str, facts: str, keeper: Keeper) -> None:
    """The application's role can add one; if the nightly check broke off there, nobody would be told of anything again."""
    report = a_whole_report()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO record_fact (kind, subject, actor, facts, sealed) VALUES (%s, %s, 'process:x', %s, '{}')",
            [kind, report.subject, facts],
        )
    keeper.round()
    with pytest.raises(Mismatch):
        verify()

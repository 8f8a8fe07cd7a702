"""Every verb moves a duty as `choices.DUTY_MOVES` says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.people.models import Person
from reporting import acting, opening, passing, reopening, stepping_aside, taking_up
from reporting.choices import DUTY_MOVES, OPEN_STATES, Conflicted, DutyState, Outcome
from reporting.desk import excluding
from reporting.escalation.lapsing import fire_due
from reporting.models import Duty, Report
from reporting.reopening import Level
from reporting.tests.erasures import erased
from reporting.tests.making import a_line, age, open_duty_of, send, standards_officer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]
Verb = Callable[[Report, Person], None]


def look(report: Report, holder: Person) -> None:
    opening.open_duty(person=holder, report_id=report.pk, why="duty")


def take(report: Report, holder: Person) -> None:
    taking_up.take_up(person=holder, report_id=report.pk)


def act(report: Report, holder: Person) -> None:
    acting.act(person=holder, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Done.")


def refer(report: Report, holder: Person) -> None:
    acting.act(person=holder, report_id=report.pk, outcome=Outcome.STANDARDS, reasons="Theirs.")


def pass_on(report: Report, holder: Person) -> None:
    to = passing.offered(open_duty_of(report))[0]
    passing.pass_on(person=holder, report_id=report.pk, to=to.pk, reason="They know it.", unopened=True)


def aside(report: Report, holder: Person) -> None:
    stepping_aside.step_aside(person=holder, report_id=report.pk, reason="I know them.")


def exclude(report: Report, holder: Person) -> None:
    excluding.exclude(person=standards_officer(), report_id=report.pk, whom=holder, why=Conflicted.OTHER, reason="They are cousins.")


def lapse(report: Report, holder: Person) -> None:
    age(report, days=3)
    fire_due()


def erase(report: Report, holder: Person) -> None:
    erased(report, standards_officer(), standards_officer())


def reopen(report: Report, holder: Person) -> None:
    reopening.reopen(person=standards_officer(), report_id=report.pk, to=Level.DESK, reason="More was found.")


VERBS: list[Verb] = [look, take, act, refer, pass_on, aside, exclude, lapse, erase]
READY: dict[DutyState, list[Verb]] = {
    DutyState.SENT: [],
    DutyState.OPENED: [look],
    DutyState.TAKEN_UP: [look, take],
    DutyState.ACTED: [look, act],
}
STARTS = [(state, verb) for state in OPEN_STATES for verb in VERBS]


def moved(start: DutyState, verb: Verb) -> tuple[DutyState, DutyState]:
    line, _ = a_line(), standards_officer()
    report = send(line[0])
    for before in READY[start]:
        before(report, line[2])
    verb(report, line[2])
    return start, DutyState(Duty.objects.get(report=report, seq=1).state)


def steps(start: DutyState, end: DutyState) -> bool:
    """Whether the table leads there: a verb opens the duty first where its holder had not."""
    return end in DUTY_MOVES[start] or (start == DutyState.SENT and end in DUTY_MOVES[DutyState.OPENED])


@pytest.mark.parametrize(("start", "verb"), STARTS)
def test_a_verb_moves_a_duty_as_the_table_says(start: DutyState, verb: Verb) -> None:
    start, end = moved(start, verb)
    assert steps(start, end) or (verb in (look, take) and start == end != DutyState.SENT)


def test_a_closed_duty_is_reopened_and_moves_no_further() -> None:
    assert moved(DutyState.ACTED, reopen) == (DutyState.ACTED, DutyState.REOPENED)
    assert [state for state, moves in DUTY_MOVES.items() if not moves] == [
        *(DutyState.REOPENED, DutyState.LAPSED, DutyState.PASSED),
        *(DutyState.STEPPED_ASIDE, DutyState.MOVED, DutyState.ERASED),
    ]

"""PostgreSQL refuses rows of a report that no verb could have written."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from portal.people.models import Person
from portal.record.appending import now
from reporting.choices import MessageKind, NameState
from reporting.models import Message, NameOpening, Report
from reporting.tests.making import a_line, send

pytestmark = pytest.mark.django_db
REFUSED = [
    ("duty_open_until_it_ends", "state = 'lapsed', next_due_at = NULL"),
    ("duty_open_until_it_ends", "ended_at = now()"),
    ("duty_opened_has_time", "state = 'opened'"),
    ("duty_taken_up_has_times", "state = 'taken_up', taken_up_at = now()"),
    ("duty_taken_up_has_times", "state = 'taken_up', opened_at = now()"),
]


@pytest.fixture
def line() -> list[Person]:
    return a_line()


@pytest.fixture
def report(line: list[Person]) -> Report:
    return send(line[0])


@pytest.mark.parametrize(("rule", "change"), REFUSED)
def test_the_state_of_a_duty_and_its_times_go_together(rule: str, change: str, report: Report) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE reporting_duty SET {change} WHERE report_id = %s", [report.pk])  # noqa: S608 - constants


def test_an_answer_and_nothing_else_answers(line: list[Person], report: Report) -> None:
    asked = Message.objects.create(report=report, kind=MessageKind.QUESTION, author=line[2], at=now())
    for kind, answers in ((MessageKind.ANSWER, None), (MessageKind.ADDITION, asked)):
        with pytest.raises(IntegrityError, match="message_answers_a_question"), transaction.atomic():
            Message.objects.create(report=report, kind=kind, author=line[0], at=now(), answers=answers)


def test_nobody_was_told_that_a_name_was_opened_which_was_not(line: list[Person], report: Report) -> None:
    with pytest.raises(IntegrityError, match="name_told_once_opened"), transaction.atomic():
        NameOpening.objects.create(report=report, state=NameState.ASKED, asked_by=line[1], asked_at=now(), reporter_told_at=now())

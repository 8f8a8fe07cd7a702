"""What breaks half-way leaves nothing behind, and what is away is waited for: PostgreSQL alone has to be there."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.db.models import Model
from kombu.connection import Connection

from devices import losing, returning
from devices.models import Custody, Ending, Handset
from devices.tests.factories import stores, take
from guidance.acknowledging import acknowledge
from guidance.models import Acknowledgement
from guidance.tests.making import make_document, make_published
from portal.clock.ticking import Work, nudge_delivery
from portal.notices.models import Outbox, State
from portal.notices.tasks import deliver
from portal.people.models import Person, Role
from portal.record.models import Fact
from portal.vault.models import Container, Item
from reporting import acting, adding, asking, opening, passing, stepping_aside, taking_up
from reporting.choices import Conflicted, Outcome
from reporting.desk import excluding
from reporting.escalation import lapsing
from reporting.models import Conflict, Decision, Duty, Exclusion, Lapse, Message, Report
from reporting.tests.making import a_line, age, chain, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db

TABLES: list[type[Model]] = [
    Report, Duty, Lapse, Decision, Message, Exclusion, Conflict, Handset, Custody, Acknowledgement, Fact, Outbox, Container, Item,
]  # fmt: skip
BOTH = ("record_fact", "notices_outbox")
NOWHERE = "redis://127.0.0.1:1/0"


class Broken(Exception):
    """The failure that a test injects."""


@contextmanager
def breaking(table: str) -> Iterator[None]:
    """Fail right after each row written to this table."""

    def execute(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if f"INSERT INTO {table}" in str(sql):
            raise Broken(table)
        return answer

    with connection.execute_wrapper(execute):
        yield


def everything() -> dict[str, list[Any]]:
    return {table.__name__: list(table._default_manager.order_by("pk").values_list()) for table in TABLES}


def report_of(constable: Person) -> Report:
    return Report.objects.get(reporter=constable)


def act(constable: Person, inspector: Person) -> None:
    acting.act(person=inspector, report_id=report_of(constable).pk, outcome=Outcome.LOCAL, reasons="Dealt with.", shared="Done.")


def refer(constable: Person, inspector: Person) -> None:
    acting.act(person=inspector, report_id=report_of(constable).pk, outcome=Outcome.STANDARDS, reasons="Theirs to look into.")


def pass_on(constable: Person, inspector: Person) -> None:
    chief = inspector.line_manager
    assert chief is not None
    passing.pass_on(person=inspector, report_id=report_of(constable).pk, to=chief.pk, reason="On leave from tomorrow.")


def step_aside(constable: Person, inspector: Person) -> None:
    stepping_aside.step_aside(person=inspector, report_id=report_of(constable).pk, reason="A cousin.")


def exclude(constable: Person, inspector: Person) -> None:
    standards = Person.objects.with_role(Role.PROFESSIONAL_STANDARDS).get()
    report = report_of(constable)
    excluding.exclude(person=standards, report_id=report.pk, whom=inspector, why=Conflicted.SENDER, reason="It is her number.")


def ask(constable: Person, inspector: Person) -> None:
    asking.ask(person=inspector, report_id=report_of(constable).pk, question="Which group?")


def add(constable: Person, inspector: Person) -> None:
    adding.add_to_report(reporter=constable, report_id=report_of(constable).pk, key=uuid.uuid4(), text="One more thing.")


def miss(constable: Person, inspector: Person) -> None:
    lapsing.fire_due()


def lose(constable: Person, inspector: Person) -> None:
    losing.report_missing(holder=constable, how=Ending.LOST)


def hand_back(constable: Person, inspector: Person) -> None:
    returning.hand_back(holder=constable)


def open_duty(constable: Person, inspector: Person) -> None:
    opening.open_duty(person=inspector, report_id=report_of(constable).pk, why="duty")


def take_up(constable: Person, inspector: Person) -> None:
    taking_up.take_up(person=inspector, report_id=report_of(constable).pk)


VERBS = [(verb, table) for verb in (act, refer, pass_on, step_aside, exclude, ask, add, miss, lose) for table in BOTH]
VERBS += [(verb, "record_fact") for verb in (open_duty, take_up, hand_back)]


@pytest.mark.parametrize(("verb", "table"), VERBS, ids=lambda given: getattr(given, "__name__", given))
def test_a_failure_in_record_or_notices_leaves_nothing_half_written(verb: Callable[[Person, Person], None], table: str) -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    if verb is miss:
        age(report, hours=3)
    if verb in (lose, hand_back):
        take(constable)
        stores()
    if verb is exclude:
        standards_officer()
    before = everything()
    with breaking(table), pytest.raises(Broken):
        verb(constable, inspector)
    assert everything() == before
    verb(constable, inspector)
    assert everything() != before


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing answers at the address of Redis: neither for what is cached nor for what is asked of workers."""
    monkeypatch.setitem(caches.settings["default"], "LOCATION", NOWHERE)
    caches.__dict__["_connections"].__dict__.pop("default", None)
    ask, options = deliver.apply_async, settings.CELERY_BROKER_TRANSPORT_OPTIONS
    nowhere = Connection(NOWHERE, transport_options=options)
    monkeypatch.setattr(deliver, "apply_async", lambda *args, **given: ask(*args, **given, connection=nowhere))
    yield
    del caches["default"]


@pytest.mark.django_db(transaction=True)
def test_without_redis_the_work_goes_on_and_notices_go_out_later(no_redis: None) -> None:
    constable, _, inspector, chief, _ = a_line()
    version = make_published(make_document())
    acknowledge(person=constable, slug="code", version_id=version.pk, text_hash=version.text_hash)
    report = send(constable)
    age(report, hours=3)
    assert lapsing.fire_due() == 1
    asked = Work("notices", 2.0, nudge_delivery)
    began = time.monotonic()
    asked.run_if_due(0)
    assert time.monotonic() - began < 3  # the clock has deadlines to watch
    assert mail.outbox == []
    assert set(Outbox.objects.values_list("state", flat=True)) == {State.WAITING}
    assert open_duty_of(report).holder == chief

    deliver()  # as a worker does once Redis is back
    assert {inspector.email, chief.email, constable.email} <= {letter.to[0] for letter in mail.outbox}
    assert not Outbox.objects.filter(state=State.WAITING).exists()


def test_a_clock_stopped_for_an_hour_records_each_lapse_once_with_its_delay() -> None:
    reports = [send(a_line()[0]) for _ in range(5)]
    for report in reports:
        age(report, hours=3)  # an hour past the two that they had to open it
    assert [lapsing.fire_due(), lapsing.fire_due()] == [5, 0]
    for report in reports:
        lapse = Lapse.objects.get(duty__report=report)
        assert 3600 <= (lapse.fired_at - lapse.due_at).total_seconds() < 3660
        assert chain(report) == ["report.sent", "duty.passed", "deadline.missed", "duty.passed"]

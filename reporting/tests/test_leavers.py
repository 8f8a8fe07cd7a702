"""Whoever leaves or changes units holds their duties no longer: they pass on at once, in the transaction that says so."""

from __future__ import annotations

import io
import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portal.notices.models import Outbox
from portal.people.changing import person_changed
from portal.people.directory import COLUMNS
from portal.people.importing import import_directory
from portal.people.models import Person, Rank
from portal.people.moving import Departure
from portal.people.tests.factories import PersonFactory, UnitFactory, desk
from portal.record.appending import now
from portal.record.models import Fact
from portal.record.verifier import candour_verify
from reporting import holding, taking_up
from reporting.agreement import states
from reporting.agreement.agreeing import disagreements
from reporting.choices import DutyState, Excluded, Why
from reporting.escalation import leavers
from reporting.models import Duty, Report
from reporting.statements.intervals import Interval
from reporting.statements.wording import Voice
from reporting.tests.making import a_line, age, chain, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def force() -> list[Person]:
    """Constable, sergeant, inspector, chief inspector, superintendent; and somebody at the desk."""
    standards_officer()
    return a_line()


def leaves(person: Person) -> None:
    """An administrator deactivates somebody."""
    with transaction.atomic():
        person.is_active = False
        person.save(update_fields=["is_active"])
        person_changed(by=PersonFactory(), person=person, fields=["is_active"], added=False)


def moves(person: Person, unit: str = "MO7", **fields: Any) -> None:
    """An administrator puts somebody into another unit."""
    with transaction.atomic():
        person.unit = UnitFactory(code=unit)
        for name, value in fields.items():
            setattr(person, name, value)
        person.save()
        person_changed(by=PersonFactory(), person=person, fields=["unit", *fields], added=False)


def test_a_leavers_duty_passes_to_the_next_above_at_once(force: list[Person]) -> None:
    constable, _, inspector, chief, _ = force
    report = send(constable)
    leaves(inspector)
    duty = open_duty_of(report)
    assert (duty.holder, duty.why, duty.seq, duty.level) == (chief, Why.LEFT, 2, 1)
    assert Duty.objects.get(report=report, seq=1).state == DutyState.PASSED
    fact = Fact.objects.for_subject(report.subject).of_kind("duty.passed").last()
    assert fact is not None
    assert (fact.actor, fact.data["why"]) == ("process:directory", "left")
    assert fact.data["skipped"][0] == {"person": str(inspector.pk), "why": "left"}


def test_the_next_holder_and_the_reporter_are_told_and_the_leaver_is_not(force: list[Person]) -> None:
    constable, _, inspector, chief, _ = force
    report = send(constable)
    Outbox.objects.all().delete()
    leaves(inspector)
    told = {notice.to: notice for notice in Outbox.objects.exclude(kind="access.changed")}
    assert told.keys() == {constable, chief}
    assert told[chief].kind == "duty.passed"
    assert report.reference in told[constable].subject


def test_the_deadline_to_act_stays_where_it_was(force: list[Person]) -> None:
    report = send(force[0])
    before = open_duty_of(report)
    taking_up.take_up(person=force[2], report_id=report.pk)
    age(report, hours=15)
    leaves(force[2])
    after = open_duty_of(report)
    assert after.act_due_at == before.act_due_at - timedelta(hours=15)
    assert after.open_due_at - after.from_at == timedelta(minutes=120)


def test_the_next_holder_has_at_least_the_time_to_open(force: list[Person]) -> None:
    report = send(force[0])
    taking_up.take_up(person=force[2], report_id=report.pk)
    age(report, hours=23, minutes=50)
    leaves(force[2])
    duty = open_duty_of(report)
    assert duty.act_due_at == duty.open_due_at == duty.from_at + timedelta(minutes=120)


def test_a_deadline_that_passed_before_they_left_is_theirs_and_fires_first(force: list[Person]) -> None:
    report = send(force[0])
    age(report, hours=3)
    leaves(force[2])
    assert chain(report)[-2:] == ["deadline.missed", "duty.passed"]
    duty = open_duty_of(report)
    assert (duty.holder, duty.why) == (force[3], Why.OPEN_MISSED)


def test_with_nobody_left_above_the_desk_holds_it(force: list[Person]) -> None:
    report = send(force[0])
    for person in force[2:]:
        leaves(person)
    assert open_duty_of(report).post == desk()


def test_whoever_is_excluded_is_passed_over(force: list[Person]) -> None:
    report = send(force[0], excluded={force[3]: Excluded.SENDER})
    leaves(force[2])
    assert open_duty_of(report).holder == force[4]
    assert not Outbox.objects.filter(to=force[3]).exists()


def test_nothing_moves_that_is_closed_or_held_by_somebody_else(force: list[Person]) -> None:
    report = send(force[0])
    before = chain(report)
    leaves(force[3])
    assert chain(report) == before
    assert open_duty_of(report).holder == force[2]


def test_a_reporter_who_leaves_has_their_report_go_on(force: list[Person]) -> None:
    report = send(force[0])
    leaves(force[0])
    assert open_duty_of(report).holder == force[2]
    leaves(force[2])
    assert open_duty_of(report).holder == force[3]


def test_a_holder_transferred_out_of_the_reporters_line_gives_the_duty_up(force: list[Person]) -> None:
    constable, sergeant, inspector, chief, _ = force
    report, replacement = send(constable), PersonFactory(rank=Rank.INSPECTOR, line_manager=chief)
    Person.objects.filter(pk=sergeant.pk).update(line_manager=replacement)
    moves(inspector)
    duty = open_duty_of(report)
    assert (duty.holder, duty.why, duty.level) == (replacement, Why.TRANSFERRED, 1)
    assert Outbox.objects.filter(to=inspector, kind="duty.moved").count() == 1


def test_a_holder_who_still_stands_above_the_reporter_keeps_the_duty(force: list[Person]) -> None:
    report = send(force[0])
    moves(force[2])
    assert open_duty_of(report).holder == force[2]
    assert not Outbox.objects.filter(kind="duty.moved").exists()


def test_a_deputy_who_is_transferred_gives_the_duty_up(force: list[Person]) -> None:
    deputy = PersonFactory(rank=Rank.INSPECTOR)
    force[2].absences.create(starts_at=now() - timedelta(days=1), ends_at=now() + timedelta(days=1), deputy=deputy)
    report = send(force[0])
    assert open_duty_of(report).holder == deputy
    moves(deputy)
    assert open_duty_of(report).holder == force[3]


def test_a_change_of_line_manager_or_rank_alone_moves_nothing(force: list[Person]) -> None:
    report = send(force[0])
    with transaction.atomic():
        person_changed(by=PersonFactory(), person=force[2], fields=["line_manager", "rank"], added=False)
    assert open_duty_of(report).holder == force[2]


def test_a_reporter_who_is_transferred_leaves_the_duty_where_it_is(force: list[Person]) -> None:
    report = send(force[0])
    moves(force[0], line_manager=None)
    assert open_duty_of(report).holder == force[2]


def test_who_gave_it_up_can_no_longer_act(force: list[Person]) -> None:
    report = send(force[0])
    Person.objects.filter(pk=force[0].pk).update(line_manager=force[3])
    moves(force[2])
    with pytest.raises(holding.NotHolding, match="because the holder moved to another unit"):
        taking_up.take_up(person=force[2], report_id=report.pk)


def row(person: Person, **changed: str) -> str:
    manager = person.line_manager.number if person.line_manager else ""
    whole = {
        "warrant_number": person.number,
        "kind": person.kind,
        "rank": person.get_rank_display(),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "unit_code": "CN",
        "line_manager_warrant_number": manager,
        "active": "yes",
    } | changed
    return ",".join(whole[column] for column in COLUMNS)


def imported(*lines: str) -> None:
    outcome = import_directory(file=io.BytesIO("\n".join([",".join(COLUMNS), *lines]).encode()))
    assert outcome.applied, outcome


def test_an_import_moves_the_duties_of_those_who_are_missing_and_of_those_who_changed_units(force: list[Person]) -> None:
    constable, sergeant, inspector, chief, superintendent = force
    first = send(constable)
    second = send(PersonFactory(line_manager=chief))
    UnitFactory(code="MO7")
    other = Person.objects.get(reports=second)
    assert open_duty_of(second).holder == chief
    imported(
        row(constable),
        row(sergeant, line_manager_warrant_number=superintendent.number),
        row(chief, unit_code="MO7"),
        row(other, line_manager_warrant_number=superintendent.number),
        row(superintendent),
    )
    assert not Person.objects.get(pk=inspector.pk).is_active
    assert [(duty.holder, duty.why) for duty in map(open_duty_of, (first, second))] == [
        (superintendent, Why.LEFT),
        (superintendent, Why.TRANSFERRED),
    ]


def test_a_dry_run_moves_nothing(force: list[Person]) -> None:
    report = send(force[0])
    lines = "\n".join([",".join(COLUMNS), *(row(person) for person in force if person != force[2])])
    import_directory(file=io.BytesIO(lines.encode()), dry_run=True, partial=True)
    assert open_duty_of(report).holder == force[2]


def test_many_duties_move_in_as_few_statements_as_one(force: list[Person]) -> None:
    def statements(many: int) -> int:
        constable, _, inspector, *_ = a_line()
        for _ in range(many):
            send(constable)
        with (
            CaptureQueriesContext(
                connection,
            ) as seen,
            transaction.atomic(),
        ):
            Person.objects.filter(pk=inspector.pk).update(is_active=False)
            assert leavers.move_duties({inspector.pk}, Departure.LEFT) == many
        return len(seen)

    statements(1)
    assert statements(1) == statements(12)


def test_a_duty_that_reached_somebody_as_they_left_is_passed_on_by_itself(force: list[Person]) -> None:
    report = send(force[0])
    Person.objects.filter(pk=force[2].pk).update(is_active=False)
    assert leavers.move_left_behind() == 1
    assert open_duty_of(report).holder == force[3]
    assert leavers.move_left_behind() == 0


def test_nobody_who_imports_is_told_of_duties(force: list[Person]) -> None:
    send(force[0])
    report = io.BytesIO()
    lines = "\n".join([",".join(COLUMNS), *(row(person) for person in force if person != force[2])])
    import_directory(file=io.BytesIO(lines.encode()), dry_run=True, partial=True, report=report)
    assert b"duty" not in report.getvalue().lower()


def test_two_leave_at_the_same_moment_and_the_duty_has_one_holder(transactional_db: None, together: Any) -> None:
    standards_officer()
    people = a_line()
    report = send(people[0])
    together(lambda: leaves(people[2]), lambda: leaves(people[3]))
    assert Duty.objects.filter(report=report).open().count() == 1
    leavers.move_left_behind()
    assert open_duty_of(report).holder == people[4]


def test_the_record_still_agrees_with_the_tables(force: list[Person]) -> None:
    send(force[0])
    leaves(force[2])
    assert not [*disagreements(), *states.disagreements()]


def test_the_timeline_says_why(force: list[Person]) -> None:
    from reporting.timeline import timeline

    report: Report = send(force[0])
    leaves(force[2])
    assert timeline(report, viewer=force[0])[0].text.startswith("The holder left, so the duty passed to")


@pytest.mark.parametrize("seed", range(8))
def test_whoever_goes_in_whatever_order_one_person_or_post_holds_the_duty_and_may(seed: int) -> None:
    """Exactly one holder, active, never excluded, never twice."""
    chance = random.Random(seed)
    standards_officer()
    people = a_line()
    spare: list[Person] = [PersonFactory(rank=chance.choice([20, 30, 40, 50])) for _ in range(4)]
    for person in chance.sample(people[2:], 2):
        person.absences.create(starts_at=now() - timedelta(days=1), ends_at=now() + timedelta(days=1), deputy=chance.choice(spare))
    out: Person = chance.choice([*people[2:], *spare])
    report = send(people[0], excluded={out: Excluded.NAMED})
    for person in chance.sample([*people[1:], *spare], 7):
        happens = chance.randrange(3)
        if happens == 0:
            age(report, hours=1)
        elif happens == 1:
            leaves(person)
        else:
            moves(person, line_manager=None)
        duty = open_duty_of(report)
        assert duty.post or (duty.holder and duty.holder.is_active and duty.holder not in (out, people[0]))
    holders = list(report.duties.filter(holder__isnull=False).values_list("holder", flat=True))
    assert len(holders) == len(set(holders))


def test_every_reason_has_words_in_the_statement_and_in_the_verifier() -> None:
    assert set(Why.values) <= set(candour_verify.WHY)
    at = now()
    for why in Why:
        interval = Interval(duty=1, holder="person:1", giver="person:2", why=why, from_at=at, open_due_at=at, act_due_at=at, place=0)
        assert Voice({}).because(interval, None)

"""Whatever a force looks like and whatever happens in it: one holder, never an excluded one, and nobody's silence is the end."""

from __future__ import annotations

import itertools
import os
import uuid

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.notices.models import Outbox
from portal.people.models import Absence, Person, Post, Unit
from reporting import duty as duties
from reporting import staffing
from reporting.choices import ReportState, Why
from reporting.escalation.ladder import Rung
from reporting.escalation.routing import Directory, Found, above, climb, next_holder
from reporting.models import Duty
from reporting.tests.forces import Plan, World, plans, steps

EXAMPLES = int(os.environ.get("ROUTING_EXAMPLES", "25"))
DESK = Post(pk=1, code="professional-standards", name="Professional standards desk")


# In memory: the climb itself, over more forces than a database would stand.


@st.composite
def directories(draw: st.DrawFn) -> tuple[Directory, list[Person]]:
    """A reporter's line of command, and deputies who may be anybody in the force."""
    people = [
        Person(pk=uuid.UUID(int=place), rank=draw(st.sampled_from(range(0, 60, 10))), is_active=draw(st.booleans()), unit=Unit(pk=1))
        for place in range(8)
    ]
    line = draw(st.lists(st.sampled_from(people[1:]), unique=True))
    away = draw(st.sets(st.sampled_from(people)))
    deputies = {manager.pk: draw(st.none() | st.sampled_from(people)) for manager in line if manager in away}
    return Directory({people[0].pk: line}, deputies, {person.pk for person in away}, {DESK.code: DESK}), people


ladders = st.lists(st.sampled_from(range(10, 60, 10)), max_size=4).map(
    lambda ranks: [
        *(Rung(level, rank, None, 60, 60) for level, rank in enumerate(sorted(ranks), start=1)),
        Rung(len(ranks) + 1, None, DESK.code, 60, 60),
    ]
)
keys = st.sets(st.integers(1, 7).map(lambda place: uuid.UUID(int=place)))


def may_stand(directory: Directory, reporter: Person, excluded: set[uuid.UUID]) -> set[uuid.UUID]:
    """Whoever is in the line of command, and the deputies of those in it who are here and may know of the report."""
    line = directory.lines[reporter.pk]
    deputies = [directory.deputies.get(manager.pk) for manager in line if manager.is_active and manager.pk not in excluded]
    return {person.pk for person in [*line, *deputies] if person is not None}


def may_hold(found: Found, directory: Directory, rungs: list[Rung]) -> bool:
    person = found.person
    assert person is not None
    rung = next(rung for rung in rungs if rung.level == found.level)
    return person.is_active and person.pk not in directory.away and person.rank >= (rung.least_rank or 0)


@settings(max_examples=400, deadline=None)
@given(directories(), ladders, keys, keys)
def test_a_climb_ends_with_one_holder_who_may_hold_it(
    drawn: tuple[Directory, list[Person]], rungs: list[Rung], excluded: set[uuid.UUID], held: set[uuid.UUID]
) -> None:
    directory, people = drawn
    found = climb(directory, reporter_id=people[0].pk, rungs=rungs, excluded=excluded, held=held)
    assert (found.person is None) != (found.post is None)
    if found.person is not None:
        assert found.person.pk not in excluded | held | {people[0].pk}
        assert may_hold(found, directory, rungs)
        assert found.person.pk in may_stand(directory, people[0], excluded)


@settings(max_examples=400, deadline=None)
@given(directories(), ladders, keys)
def test_climbing_on_and_on_reaches_the_post_and_asks_nobody_twice(
    drawn: tuple[Directory, list[Person]], rungs: list[Rung], excluded: set[uuid.UUID]
) -> None:
    directory, people = drawn
    held, level, left = set[uuid.UUID](), 0, rungs
    for _ in rungs:
        found = climb(directory, reporter_id=people[0].pk, rungs=left, excluded=excluded, held=held)
        assert found.level > level
        if found.person is None:
            break
        assert found.person.pk not in held
        held, level, left = held | {found.person.pk}, found.level, above(rungs, found.level)
    assert found.post is DESK


@settings(max_examples=400, deadline=None)
@given(directories(), ladders, keys, keys)
def test_everybody_in_line_of_the_rank_who_did_not_get_it_is_kept_with_a_reason(
    drawn: tuple[Directory, list[Person]], rungs: list[Rung], excluded: set[uuid.UUID], held: set[uuid.UUID]
) -> None:
    directory, people = drawn
    found = climb(directory, reporter_id=people[0].pk, rungs=rungs, excluded=excluded, held=held)
    passed = {one["person"]: one["why"] for one in found.why_skipped if "person" in one}
    asked = itertools.takewhile(lambda one: one != found.person, directory.stand_ins(people[0].pk, rungs[0].least_rank or 99, excluded))
    assert {str(person.pk) for person in asked} <= passed.keys()
    assert set(passed.values()) <= {"left", "excluded", "held_before", "absent", "low_rank"}
    vacant = {one["level"] for one in found.why_skipped if one["why"] == "vacant"}
    assert vacant == {rung.level for rung in rungs if rung.level < found.level}


# In the database: the whole duty side, step by step.


def check_one_holder(world: World) -> None:
    world.report.refresh_from_db()
    held = list(Duty.objects.filter(report=world.report).order_by("seq"))
    still_open = [duty for duty in held if duty.ended_at is None]
    assert len(still_open) == (1 if world.report.state == ReportState.OPEN else 0)
    assert [duty.seq for duty in held] == list(range(1, len(held) + 1))
    assert all(before.ended_at == after.from_at for before, after in itertools.pairwise(held))
    holders = [duty.holder_id for duty in held if duty.holder_id]
    assert len(holders) == len(set(holders))


def check_nobody_excluded(world: World) -> None:
    duty, never = world.duty, {world.people[place].pk for place in {0, *world.plan.excluded}}
    assert not never & set(Duty.objects.filter(report=world.report).values_list("holder", flat=True))
    assert duty is None or duty.holder_id not in duties.excluded_from(world.report)
    told = Outbox.objects.exclude(link__startswith="/reports/").filter(to__in=never)
    assert not told.exists()


def check_not_silent(world: World) -> None:
    """The holder is somebody who is here; or a post with somebody free, or one whose emptiness was told to somebody who may know."""
    duty = world.duty
    if duty is None:
        return
    if duty.holder is not None:
        assert duty.holder.is_active
        assert duty.next_due_at is not None
    elif not [person for person in staffing.staff_of(duty.post) if person.pk not in duties.excluded_from(world.report)]:
        assert Outbox.objects.filter(to=world.alerted, dedupe=f"unstaffed:{duty.pk}:{world.alerted.pk}").count() == 1


def check_two_are_told(world: World) -> None:
    """Where somebody is at risk, whoever would hold it next was told with the holder; where nobody is, nobody."""
    duty = world.duty
    if duty is None or duty.holder is None:
        return
    told = set(Outbox.objects.filter(dedupe__startswith=f"next:{duty.pk}:").values_list("to", flat=True))
    found = next_holder(report=world.report, after_level=duty.level, excluded=duties.excluded_from(world.report), at=timezone.now())
    people = [found.person] if found.person else staffing.staff_of(found.post)
    free = {person.pk for person in people} - duties.excluded_from(world.report) - {duty.holder_id}
    assert told == (free if world.plan.at_risk else set())


def check(world: World) -> None:
    for rule in (check_one_holder, check_nobody_excluded, check_not_silent):
        rule(world)


@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans, steps)
def test_whatever_happens_there_is_one_holder_who_may_hold_it_and_the_ladder_ends_at_a_post(
    plan: Plan, taken: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        world = World(plan)
        check(world)
        for step, place, other in taken:
            world.take(step, place, other)
            check(world)
        for _ in plan.least_ranks:
            world.take("lapse", 0, 0)
            check(world)
        duty = world.duty
        assert duty is None or duty.post == world.post
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans)
def test_a_duty_never_begins_with_somebody_who_is_away_and_tells_two_where_there_is_a_risk(plan: Plan) -> None:
    with transaction.atomic():
        world = World(plan)
        away = set(Absence.objects.filter(starts_at__lte=timezone.now(), ends_at__gt=timezone.now()).values_list("person", flat=True))
        check_two_are_told(world)
        for _ in plan.least_ranks:
            world.lapse()
            check_two_are_told(world)
        assert not away & set(Duty.objects.filter(report=world.report).exclude(why=Why.PASSED).values_list("holder", flat=True))
        transaction.set_rollback(True)

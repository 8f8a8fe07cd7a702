from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory, UnitFactory
from portal.record.appending import append, process_actor
from portal.record.keeping import Keeper
from portal.requests.choices import Ground
from reporting import acting, opening, stepping_aside
from reporting.choices import Category, Counted, Excluded, Grouping, Outcome
from reporting.counting import buckets, reckoning
from reporting.counting.figures import Asked, Tallies, tallies
from reporting.erasure import erasing
from reporting.escalation import lapsing
from reporting.models import Duty, Exclusion, Figure, Measured, Reckoned, Report
from reporting.tests.making import a_line, age, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db
BY_MONTH, BY_UNIT = Asked(Grouping.MONTH), Asked(Grouping.UNIT)
TIMES = {
    Counted.TOLD_OPENED: lambda duty, acted: duty.opened_at and duty.told_at and duty.opened_at - duty.told_at,
    Counted.OPENED_ACTED: lambda duty, acted: acted and duty.opened_at and acted - duty.opened_at,
    Counted.PASSED_ACTED: lambda duty, acted: acted and acted - duty.from_at,
}


def anybody() -> Person:
    person: Person = PersonFactory()
    return person


def numbers(found: Tallies, what: Counted = Counted.DUTIES) -> dict[str, int]:
    return {key: tally.number(what) for key, tally in found.groups.items()}


def a_random_force(chance: random.Random) -> None:
    """Reports of several units, months and categories, with every kind of end; written into the tables as they might be."""
    units = [UnitFactory(code=code) for code in ("EA", "NE", "SW")]
    people = [a_line(unit=unit) for unit in units]
    for _ in range(60):
        line = chance.choice(people)
        report = send(
            line[0],
            categories=chance.sample([Category.RACIST, Category.SEXIST, Category.OTHER], chance.choice((1, 1, 2))),
            confidential=chance.random() < 0.2,
        )
        end(chance, report)


def end(chance: random.Random, report: Report) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=chance.uniform(0, 200))
    told, opened = start + timedelta(seconds=chance.uniform(1, 600)), start + timedelta(seconds=chance.lognormvariate(7, 2))
    acted = opened + timedelta(seconds=chance.lognormvariate(9, 2))
    times: dict[str, Any] = {"from_at": start, "told_at": told, "open_due_at": start, "act_due_at": start}
    if chance.random() < 0.8:
        times |= {"opened_at": opened}
    if "opened_at" in times and chance.random() < 0.7:
        times |= {"acted_at": acted, "state": "acted", "ended_at": acted, "next_due_at": None}
    Duty.objects.filter(report=report).update(**times)
    if chance.random() < 0.3:
        duty = Duty.objects.get(report=report)
        duty.lapses.create(deadline="open", due_at=start, fired_at=start)
        duty.lapses.create(deadline="act", due_at=start, fired_at=start)


def scanned(key: Any, viewer: Person) -> tuple[dict[str, int], dict[str, int], dict[tuple[str, Counted], list[timedelta]]]:
    """The same figures from the tables themselves, one duty after another: duties, lapsed duties, and every time."""
    duties, lapsed = defaultdict[str, int](int), defaultdict[str, int](int)
    times = defaultdict[tuple[str, Counted], list[timedelta]](list)
    hidden = set(Exclusion.objects.filter(person=viewer).values_list("report_id", flat=True))
    for duty in Duty.objects.select_related("report").exclude(report__in=hidden):
        for group in key(duty):
            duties[group] += 1
            lapsed[group] += duty.lapses.exists()
            for what, measure in TIMES.items():
                if (stretch := measure(duty, duty.acted_at)) and stretch >= timedelta():
                    times[group, what].append(stretch)
    return duties, lapsed, times


def month_of(duty: Duty) -> list[str]:
    return [str(duty.from_at.astimezone(ZoneInfo("Europe/London")).date().replace(day=1))]


def unit_of(duty: Duty) -> list[str]:
    return ["true"] if duty.report.confidential else [str(duty.report.unit_id)]


def categories_of(duty: Duty) -> list[str]:
    return list(duty.report.categories)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("by", "key"),
    [(Grouping.MONTH, month_of), (Grouping.UNIT, unit_of), (Grouping.CATEGORY, categories_of)],
    ids=["month", "unit", "category"],
)
def test_what_was_counted_up_is_what_a_scan_finds(by: Grouping, key: Any, seed: int) -> None:
    a_random_force(random.Random(seed))
    viewer = anybody()
    for report in Report.objects.order_by("?")[:7]:
        Exclusion.objects.create(report=report, person=viewer, why=Excluded.SENDER)
    reckoning.reckon_all()
    found, (duties, lapsed, times) = tallies(Asked(by), viewer=viewer), scanned(key, viewer)
    assert numbers(found) == duties
    assert numbers(found, Counted.LAPSED) == lapsed
    assert found.whole.number(Counted.DUTIES) == Duty.objects.count() - 7
    for (group, what), stretches in times.items():
        ranked = sorted(stretches)
        for share in (0.5, 0.9):
            exact = ranked[-(-int(share * 100) * len(ranked) // 100) - 1]
            said = found.groups[group].time(what, share)
            assert said is not None
            assert abs(said - exact) <= max(exact * 0.0197, timedelta(seconds=1))


@pytest.mark.parametrize("seconds", [0, 0.4, 1, 1.04, 2, 59, 3600, 86_400, 31_536_000])
def test_a_time_is_off_by_two_per_cent_at_most(seconds: float) -> None:
    stretch = timedelta(seconds=seconds)
    said = buckets.time_of(buckets.bucket_of(stretch))
    assert abs(said - stretch) <= max(stretch * buckets.ERROR * 1.0001, timedelta(seconds=1))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {buckets.SQL.format('given')} FROM make_interval(secs => %s) AS given", [seconds])  # noqa: S608 - a constant
        assert cursor.fetchone() == (buckets.bucket_of(stretch),)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 30), (0.9, 50), (0.2, 10), (0.21, 20), (1, 50)])
def test_a_quantile_is_the_nearest_rank(share: float, expected: int) -> None:
    counts = {buckets.bucket_of(timedelta(minutes=minutes)): 1 for minutes in (10, 20, 30, 40, 50)}
    said = buckets.quantile(counts, share)
    assert said is not None
    assert abs(said / timedelta(minutes=expected) - 1) < 0.02
    assert buckets.quantile({}, share) is None


def test_only_what_the_record_tells_of_since_is_counted_again(keeper: Keeper) -> None:
    first, second = send(a_line()[0]), send(a_line()[0])
    assert reckoning.reckon() == 0
    keeper.round()
    assert [reckoning.reckon(), reckoning.reckon()] == [2, 0]
    Duty.objects.filter(report=second).update(from_at="2025-01-01T00:00Z")
    opening.open_duty(person=open_duty_of(first).holder, report_id=first.pk, why="duty")  # type: ignore[arg-type]
    keeper.round()
    assert reckoning.reckon() == 1
    assert Measured.objects.get(report=first).passed_acted is None
    assert date(2025, 1, 1) not in set(Figure.objects.values_list("month", flat=True))


def test_a_fact_that_names_no_duty_stops_no_counting(keeper: Keeper) -> None:
    report = send(a_line()[0])
    with transaction.atomic():
        append(kind="duty.stepped_aside", subject=report.subject, actor=process_actor("test"), facts={"duty": "none"})
    keeper.round()
    assert reckoning.reckon() == 1


def test_after_an_older_record_was_restored_everything_is_counted_again(keeper: Keeper) -> None:
    send(a_line()[0])
    keeper.round()
    Reckoned.objects.update(leaf_index=1_000_000)
    assert reckoning.reckon() == 1


def test_figures_are_counted_where_nothing_says_how_far_they_are() -> None:
    Reckoned.objects.all().delete()
    send(a_line()[0])
    assert reckoning.reckon_all() == 1
    assert Reckoned.objects.count() == 1


def test_the_operator_has_figures_that_no_report_stands_behind_counted_anew(capsys: pytest.CaptureFixture[str]) -> None:
    send(a_line()[0])
    reckoning.reckon_all()
    right = sorted(Figure.objects.values_list("month", "category", "what", "bucket", "number"))
    Figure.objects.update(number=77)
    Figure.objects.create(month=date(2026, 1, 1), category="", kept_back=False, what=Counted.DUTIES, bucket=0, number=9)
    Measured.objects.update(month=date(2026, 1, 1))
    call_command("reckon_figures")
    assert capsys.readouterr().out == "The figures of 1 report were counted anew.\n"
    assert sorted(Figure.objects.values_list("month", "category", "what", "bucket", "number")) == right


def test_a_late_record_a_lapse_and_stepping_aside_are_counted() -> None:
    constable, _, inspector, chief, _ = a_line()
    report = send(constable)
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    age(report, days=2)
    lapsing.fire_due()
    acting.act_late(person=inspector, report_id=report.pk, outcome=Outcome.LOCAL, reasons="I spoke to them.")
    stepping_aside.step_aside(person=chief, report_id=report.pk, reason="A friend of mine.")
    reckoning.reckon_all()
    whole = tallies(BY_UNIT, viewer=anybody()).whole
    assert [whole.number(what) for what in (Counted.DUTIES, Counted.LAPSED, Counted.ASIDE)] == [3, 1, 1]
    late = whole.time(Counted.PASSED_ACTED, 0.5)
    assert late is not None
    assert abs(late / timedelta(days=2) - 1) < 0.03


def test_a_member_of_the_desk_who_steps_aside_is_counted_too() -> None:
    member, _ = standards_officer(), standards_officer()
    report = send(a_line()[0], skip_line=True)
    stepping_aside.step_aside(person=member, report_id=report.pk, reason="A friend of mine.")
    reckoning.reckon_all()
    assert tallies(BY_UNIT, viewer=anybody()).whole.number(Counted.ASIDE) == 1


def test_an_excluded_viewer_reads_what_they_would_read_without_the_report() -> None:
    people, chief = a_line(), anybody()
    send(people[0], categories=[Category.SEXIST])
    reckoning.reckon_all()
    asked = [Asked(by, category=category) for by in Grouping for category in ("", "sexist", "racist")]
    without = [tallies(one, viewer=chief) for one in asked]
    hidden = send(people[0], excluded={chief: Excluded.SENDER}, categories=[Category.RACIST, Category.SEXIST])
    opening.open_duty(person=people[2], report_id=hidden.pk, why="duty")
    reckoning.reckon_all()
    acting.act(person=people[2], report_id=hidden.pk, outcome=Outcome.LOCAL, reasons="Done.")  # not counted up yet
    assert [tallies(one, viewer=chief) for one in asked] == without
    assert tallies(BY_UNIT, viewer=people[2]).whole.number(Counted.DUTIES) == 2


def test_an_erased_report_is_in_nobodys_figures_from_that_moment(one: Person, other: Person, folder: Any) -> None:
    report, kept = send(a_line()[0]), send(a_line()[0])
    reckoning.reckon_all()
    asked = erasing.ask_to_erase(person=one, report_id=report.pk, ground=Ground.ORDER, reason="A court said so.")
    erasing.erase(person=other, key=asked.pk, reference=report.reference)
    assert list(Measured.objects.values_list("report", flat=True)) == [kept.pk]
    assert tallies(BY_UNIT, viewer=anybody()).whole.number(Counted.DUTIES) == 1
    reckoning.reckon_all()
    assert tallies(BY_UNIT, viewer=anybody()).whole.number(Counted.DUTIES) == 1


def test_the_unit_of_a_reporter_whose_name_is_kept_back_is_in_no_figure() -> None:
    constable, *_ = a_line()
    send(constable, confidential=True)
    reckoning.reckon_all()
    assert set(numbers(tallies(BY_UNIT, viewer=anybody()))) == {"true"}
    assert constable.unit is not None
    assert numbers(tallies(Asked(Grouping.MONTH, unit=constable.unit), viewer=anybody())) == {}


def test_a_duty_of_two_categories_is_in_both_and_once_in_all() -> None:
    send(a_line()[0], categories=[Category.RACIST, Category.SEXIST])
    reckoning.reckon_all()
    found = tallies(Asked(Grouping.CATEGORY), viewer=anybody())
    assert (numbers(found), found.whole.number(Counted.DUTIES)) == ({"racist": 1, "sexist": 1}, 1)


def test_figures_are_of_the_months_asked_for() -> None:
    early, late = send(a_line()[0]), send(a_line()[0])
    Duty.objects.filter(report=early).update(from_at="2026-01-31T23:30Z")
    Duty.objects.filter(report=late).update(from_at="2026-06-30T23:30Z")  # July in London
    reckoning.reckon_all()
    assert numbers(tallies(BY_MONTH, viewer=anybody())) == {"2026-01-01": 1, "2026-07-01": 1}
    assert numbers(tallies(Asked(Grouping.MONTH, first=date(2026, 2, 1)), viewer=anybody())) == {"2026-07-01": 1}
    assert numbers(tallies(Asked(Grouping.MONTH, last=date(2026, 1, 1)), viewer=anybody())) == {"2026-01-01": 1}


def test_reading_figures_scans_no_duties() -> None:
    with connection.execute_wrapper(refuse_duties), transaction.atomic():
        for by in Grouping:
            tallies(Asked(by), viewer=anybody())


def refuse_duties(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert "reporting_duty" not in sql
    return execute(sql, params, many, context)

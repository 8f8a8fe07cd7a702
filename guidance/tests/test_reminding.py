from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app as app
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guidance import reminding
from guidance.figures import UnitRate, acknowledgement_rate_by_unit
from guidance.models import Reminder, Version, applies_to
from guidance.reminding import audience_of, remind, stage_on
from guidance.schedule import BEAT
from guidance.tasks import remind_of_guidance
from guidance.tests.making import in_days, make_published, officer, unit
from guidance.tests.test_acknowledging import press
from portal.notices.models import Outbox
from portal.people.models import Kind, Person, Rank

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def told() -> set[Person]:
    return {notice.to for notice in Outbox.objects.filter(kind="guidance.waiting")}


def test_everybody_in_the_audience_who_has_not_acknowledged_is_told_once() -> None:
    done, waiting, leaver = officer(kind=Kind.PCSO), officer(kind=Kind.PCSO), officer(kind=Kind.PCSO, is_active=False)
    press(done, make_published(kinds=[Kind.PCSO]))
    assert remind(today=TODAY()) == 1
    assert remind(today=TODAY()) == 0
    assert told() == {waiting}
    assert leaver not in told()
    notice = Outbox.objects.get(kind="guidance.waiting")
    assert notice.link == "/guidance/code/"
    assert notice.subject.startswith("Read and acknowledge The Code by ")


def test_a_round_stopped_half_way_tells_nobody_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "BATCH", 2)
    make_published()
    everyone = Person.objects.count()
    remind(today=TODAY())
    Reminder.objects.all().delete()
    remind(today=TODAY())
    assert Outbox.objects.filter(kind="guidance.waiting").count() == everyone


def test_a_missed_week_of_reminders_ends_in_one_notice() -> None:
    version = make_published(acknowledge_by=in_days(10))
    remind(today=version.acknowledge_by + timedelta(days=2))
    assert list(Reminder.objects.values_list("stage", flat=True)) == ["day_after"]


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (-14, "published"),
        (-8, "published"),
        (-7, "week_before"),
        (-2, "week_before"),
        (-1, "day_before"),
        (0, "day_before"),
        (1, "day_after"),
        (400, "week_after"),
    ],
)
def test_each_day_has_its_round(days: int, stage: str) -> None:
    version = make_published(acknowledge_by=in_days(14))
    assert stage_on(version, version.acknowledge_by + timedelta(days=days)) == stage


def test_a_version_with_two_days_to_go_begins_with_its_first_round() -> None:
    assert stage_on(make_published(acknowledge_by=in_days(2)), TODAY()) == "published"


def test_only_the_current_version_is_reminded_of() -> None:
    first = make_published()
    second = make_published(first.document, text="New.")
    remind(today=TODAY())
    assert list(Reminder.objects.values_list("version", flat=True)) == [second.pk]


@pytest.mark.parametrize("audience", [{}, {"ranks": [Rank.SERGEANT]}, {"kinds": [Kind.STAFF, Kind.PCSO]}, {"units": True}])
def test_the_audience_seen_from_either_side_is_the_same(audience: dict[str, object]) -> None:
    people = [officer(rank=Rank.SERGEANT, unit=unit("CE")), officer(kind=Kind.PCSO), officer(unit=None, kind=Kind.STAFF)]
    version = make_published(**({"units": [unit("CE").pk]} if "units" in audience else audience))
    holds = {person for person in people if Version.objects.filter(applies_to(person)).exists()}
    assert holds == set(audience_of(version).filter(pk__in=[person.pk for person in people]))


def test_the_task_has_a_stable_name_and_beat_asks_for_it() -> None:
    make_published()
    assert remind_of_guidance() == Person.objects.count()
    assert {entry["task"] for entry in BEAT.values()} <= set(app.tasks)
    assert BEAT.items() <= app.conf.beat_schedule.items()


def test_the_rate_is_of_people_at_work_in_the_audience_by_unit(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    here, _ = officer(unit=unit("CE"), kind=Kind.PCSO), officer(unit=unit("CE"), kind=Kind.PCSO)
    officer(unit=unit("CE"), kind=Kind.PCSO, is_active=False)
    officer(unit=None, kind=Kind.PCSO)
    version = make_published(kinds=[Kind.PCSO])
    press(here, version)
    with django_assert_num_queries(1):
        rates = acknowledgement_rate_by_unit(version)
    assert rates == [UnitRate("CE", unit("CE").name, 2, 1), UnitRate("", "", 1, 0)]
    assert [rate.percent for rate in rates] == [50.0, 0.0]

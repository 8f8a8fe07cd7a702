from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client

from portal.notices.models import Outbox, State
from portal.notices.outbox import put
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.record.appending import append, process_actor
from portal.watch import figures, schedule, telling, watching
from portal.watch.models import Alarm
from portal.watch.tasks import look

pytestmark = pytest.mark.django_db


def in_role(role: Role) -> Person:
    person: Person = PersonFactory()
    person.groups.add(Group.objects.get_or_create(name=role)[0])
    return person


def heartbeat(name: str, seconds: float) -> None:
    watching.beat(name)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clock_heartbeat SET at = at - %s * interval '1 second' WHERE name = %s", [seconds, name])


@pytest.fixture(autouse=True)
def all_that_runs_has_run() -> None:
    """What never ran is as old as the tests' server, which may be old by now (test_never_ran)."""
    heartbeat("sweep", 0)
    heartbeat("worker", 0)


def seconds() -> dict[str, float]:
    return {one.figure.code: one.seconds for one in figures.read()}


def test_where_nothing_waits_and_all_that_runs_has_run_all_is_well() -> None:
    assert {code: round(age, -1) for code, age in seconds().items()} == dict.fromkeys(seconds(), 0)
    assert set(seconds()) == {"sweep", "deadline", "promise", "notice", "fact", "worker"}
    assert watching.watch() == 0
    assert next(iter(figures.read())).figure.code == "sweep"


def test_each_figure_is_the_age_of_what_was_not_done(owner_connection: Any) -> None:
    heartbeat("sweep", 40)
    heartbeat("worker", 70)
    put(to=PersonFactory(), kind="a.b", subject="s", body="b", link="/", dedupe="a:1")
    Outbox.objects.update(made_at="2026-01-01T00:00:00Z")
    append(kind="report.sent", subject="report:a", actor=process_actor("test"))
    found = seconds()
    assert 40 <= found["sweep"] < 60
    assert 70 <= found["worker"] < 90
    assert found["notice"] > 86_400
    assert found["fact"] < 30


def test_a_notice_that_is_held_for_later_is_not_late() -> None:
    put(to=PersonFactory(), kind="a.b", subject="s", body="b", link="/", dedupe="a:1")
    Outbox.objects.update(made_at="2026-01-01T00:00:00Z", next_try_at="2099-01-01T00:00:00Z", state=State.HELD)
    assert seconds()["notice"] == 0


def test_an_alarm_is_told_once_an_episode_and_again_when_all_is_well() -> None:
    told = {in_role(Role.ADMINISTRATOR), in_role(Role.PROFESSIONAL_STANDARDS)}
    in_role(Role.STORES)
    heartbeat("sweep", 300)
    assert [watching.watch(), watching.watch()] == [1, 0]
    assert {notice.to for notice in Outbox.objects.all()} == told
    assert Outbox.objects.count() == 2
    assert set(Outbox.objects.values_list("subject", flat=True)) == {"No clock has looked for missed deadlines for 5 minutes"}

    heartbeat("sweep", 20)  # within the limit, but not well within it
    assert watching.watch() == 0
    heartbeat("sweep", 0)
    assert [watching.watch(), watching.watch()] == [1, 0]
    assert Outbox.objects.filter(kind="watch.well").count() == 2
    assert Alarm.objects.get().well_at is not None

    heartbeat("sweep", 300)
    assert watching.watch() == 1, "a new episode"
    assert Alarm.objects.count() == 2


def test_a_notice_leads_to_a_page_that_whoever_gets_it_may_open() -> None:
    told = {in_role(Role.ADMINISTRATOR): "/", in_role(Role.PROFESSIONAL_STANDARDS): "/standards/"}
    heartbeat("sweep", 300)
    watching.watch()
    assert {notice.to: notice.link for notice in Outbox.objects.all()} == told
    for person, link in told.items():
        client = Client()
        client.force_login(person)
        assert client.get(link).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_clock_and_a_worker_that_look_at_once_raise_one_alarm(together: Callable[..., list[Any]]) -> None:
    in_role(Role.ADMINISTRATOR)
    heartbeat("sweep", 300)
    assert sorted(together(watching.watch, watching.watch)) == [0, 1]
    assert (Alarm.objects.count(), Outbox.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_clock_delivers_where_no_worker_does(settings: Any) -> None:
    admin = in_role(Role.ADMINISTRATOR)
    heartbeat("worker", 60)
    assert watching.stand_in() == 0, "nobody is needed"
    heartbeat("worker", 600)
    watching.watch()
    assert watching.stand_in() == 1
    assert [letter.to for letter in mail.outbox] == [[admin.email]]


def test_a_dead_clock_is_told_of_by_the_worker() -> None:
    in_role(Role.ADMINISTRATOR)
    heartbeat("sweep", 300)
    assert look() == 1
    assert seconds()["worker"] < 30, "and the worker left a sign of life"
    assert schedule.BEAT["watch.look"]["schedule"] <= 30


def test_lengths_of_time_in_words() -> None:
    said = [telling.spoken(length) for length in (0, 1, 90, 119, 120, 7_200, 172_800)]
    assert said == ["0 seconds", "1 second", "90 seconds", "119 seconds", "2 minutes", "2 hours", "2 days"]

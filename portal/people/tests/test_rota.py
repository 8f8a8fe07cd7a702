"""Rotas of posts: who is on duty when, where the holes are, and that a hole is told of without telling of a report."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse

from portal.notices.models import Outbox
from portal.people.models import Absence, Person, Post, PostMember, Role, RotaCover, RotaShift, Weekday
from portal.people.rota import Rota, on_duty, rotas
from portal.people.rota_watch import watch
from portal.people.tests.factories import PersonFactory, desk
from portal.record.appending import now
from portal.record.models import Fact

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@pytest.fixture
def ada() -> Person:
    person: Person = PersonFactory()
    return person


@pytest.fixture
def ben() -> Person:
    person: Person = PersonFactory()
    return person


@pytest.fixture
def post(ada: Person, ben: Person) -> Post:
    return desk(ada, ben)


def shift(post: Post, person: Person, weekday: int, starts: int, ends: int) -> None:
    RotaShift.objects.create(post=post, person=person, weekday=weekday, starts=time(starts), ends=time(ends))


def every_day(post: Post, person: Person, starts: int = 0, ends: int = 0) -> None:
    for weekday in Weekday.values:
        shift(post, person, weekday, starts, ends)


def at(post: Post, moment: datetime) -> frozenset[object]:
    found = rotas([post.pk], moment, moment + timedelta(seconds=1))
    return frozenset(found[post.pk].at(moment)) if post.pk in found else frozenset()


def test_who_has_a_shift_now_is_on_duty(post: Post, ada: Person, ben: Person) -> None:
    shift(post, ada, Weekday.MONDAY, 9, 17)
    shift(post, ben, Weekday.MONDAY, 17, 23)
    assert at(post, MONDAY) == {ada.pk}
    assert at(post, MONDAY.replace(hour=17)) == {ben.pk}
    assert at(post, MONDAY.replace(hour=8)) == frozenset()
    assert at(post, MONDAY + DAY) == frozenset()


def test_a_shift_that_ends_before_it_starts_ends_the_next_day(post: Post, ada: Person) -> None:
    shift(post, ada, Weekday.MONDAY, 22, 6)
    assert at(post, MONDAY.replace(hour=23)) == {ada.pk}
    assert at(post, MONDAY.replace(hour=5) + DAY) == {ada.pk}
    assert at(post, MONDAY.replace(hour=6) + DAY) == frozenset()


def test_shifts_are_told_by_londons_clocks_in_summer_too(post: Post, ada: Person) -> None:
    shift(post, ada, Weekday.MONDAY, 9, 17)
    summer = datetime(2026, 7, 6, 8, 30, tzinfo=UTC)
    assert at(post, summer) == {ada.pk}
    assert at(post, summer.replace(hour=16)) == frozenset()


def test_a_dated_cover_stands_instead_of_the_week(post: Post, ada: Person, ben: Person) -> None:
    every_day(post, ada)
    RotaCover.objects.create(post=post, person=ben, starts_at=MONDAY, ends_at=MONDAY + DAY)
    assert at(post, MONDAY) == {ben.pk}
    assert at(post, MONDAY + DAY) == {ada.pk}


def test_who_is_away_is_not_on_duty(post: Post, ada: Person, ben: Person) -> None:
    every_day(post, ada)
    every_day(post, ben)
    Absence.objects.create(person=ada, starts_at=MONDAY - DAY, ends_at=MONDAY + DAY)
    assert at(post, MONDAY) == {ben.pk}


def test_who_has_left_or_is_no_member_is_not_on_duty(post: Post, ada: Person, ben: Person) -> None:
    every_day(post, ada)
    every_day(post, ben)
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    PostMember.objects.filter(person=ben).delete()
    assert at(post, MONDAY) == frozenset()


def test_a_post_without_a_rota_has_nobody_on_duty_and_no_holes(post: Post) -> None:
    assert on_duty(post.pk, now()) == frozenset()
    assert not Rota().holes(MONDAY, MONDAY + WEEK)


def test_holes_are_the_stretches_in_which_nobody_is_on_duty(post: Post, ada: Person, ben: Person) -> None:
    every_day(post, ada, 9, 0)
    every_day(post, ben, 0, 8)
    Absence.objects.create(person=ben, starts_at=MONDAY + DAY, ends_at=MONDAY + 2 * DAY)
    found = rotas([post.pk], MONDAY, MONDAY + 2 * DAY)[post.pk].holes(MONDAY, MONDAY + 2 * DAY)
    midnight = MONDAY.replace(hour=0)
    assert found == [
        (midnight + DAY + timedelta(hours=8), midnight + DAY + timedelta(hours=9)),
        (midnight + 2 * DAY, midnight + 2 * DAY + timedelta(hours=9)),
    ]


def test_a_full_rota_has_no_holes_over_the_nights_the_clocks_change(post: Post, ada: Person) -> None:
    every_day(post, ada)
    for start in (datetime(2026, 3, 26, tzinfo=UTC), datetime(2026, 10, 22, tzinfo=UTC)):
        assert not rotas([post.pk], start, start + WEEK)[post.pk].holes(start, start + WEEK)


def administrator() -> Person:
    person: Person = PersonFactory(is_staff=True)
    person.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    return person


def empty_rota(post: Post, person: Person) -> None:
    """A rota of one shift, on another day than today."""
    today = now().weekday()
    shift(post, person, (today + 3) % 7, 9, 10)


def test_an_empty_rota_is_told_once_a_day_to_administrators_and_the_posts_address(
    post: Post, ada: Person, django_capture_on_commit_callbacks: pytest.FixtureRequest
) -> None:
    admin = administrator()
    Post.objects.filter(pk=post.pk).update(email="desk@force.example")
    empty_rota(post, ada)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert watch() == 1
        assert watch() == 0
    said = f"Nobody is on the rota of {post.in_words} now"
    assert [(notice.to, notice.subject) for notice in Outbox.objects.filter(kind="post.rota_empty")] == [(admin, said)]
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [(["desk@force.example"], said)]


def test_a_rota_with_somebody_on_duty_is_told_to_nobody(post: Post, ada: Person) -> None:
    administrator()
    every_day(post, ada)
    assert watch() == 0
    assert not Outbox.objects.exists()


def test_a_post_without_a_rota_is_told_to_nobody(post: Post) -> None:
    administrator()
    assert watch() == 0


def post_form(post: Post, **more: object) -> dict[str, object]:
    members = list(PostMember.objects.filter(post=post).order_by("pk"))
    form: dict[str, object] = {"code": post.code, "name": post.name, "email": ""}
    form |= {"postmember_set-TOTAL_FORMS": len(members), "postmember_set-INITIAL_FORMS": len(members)}
    for place, member in enumerate(members):
        form |= {
            f"postmember_set-{place}-{name}": value for name, value in (("id", member.pk), ("post", post.pk), ("person", member.person_id))
        }
    for prefix in ("rota", "covers"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return form | more


@pytest.fixture
def admin_client(client: Client) -> Client:
    client.force_login(administrator())
    return client


def a_shift(post: Post, person: Person) -> dict[str, object]:
    given = {"post": post.pk, "person": person.pk, "weekday": 0, "starts": "09:00", "ends": "17:00"}
    return {"rota-TOTAL_FORMS": 1, **{f"rota-0-{name}": value for name, value in given.items()}}


def test_an_administrator_writes_the_rota_and_it_is_a_fact(admin_client: Client, post: Post, ada: Person) -> None:
    address = reverse("admin:people_post_change", args=[post.pk])
    answer = admin_client.post(address, post_form(post, **a_shift(post, ada)))
    assert answer.status_code == 302, answer.content.decode()
    assert RotaShift.objects.get().person == ada
    assert Fact.objects.for_subject(f"post:{post.pk}").get().data["rota"] == [[0, "09:00", "17:00", str(ada.pk)]]


def test_only_members_stand_on_the_rota(admin_client: Client, post: Post) -> None:
    address = reverse("admin:people_post_change", args=[post.pk])
    answer = admin_client.post(address, post_form(post, **a_shift(post, PersonFactory())))
    assert "This person is not a member." in answer.content.decode()
    assert not RotaShift.objects.exists()


def test_the_rota_is_read_by_the_time_that_is_asked_for(post: Post, ada: Person) -> None:
    every_day(post, ada)
    with time_machine.travel(MONDAY + 52 * WEEK):
        assert on_duty(post.pk, now()) == {ada.pk}


def test_a_stretch_of_the_summer_reads_by_the_clock_on_the_wall(post: Post, ada: Person) -> None:
    starts = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    stretch = {"person": ada, "starts_at": starts, "ends_at": starts + timedelta(hours=8)}
    assert str(RotaCover(post=post, **stretch)) == f"{ada}, 01 Jul 00:30 to 01 Jul 08:30"
    assert str(Absence(**stretch)) == f"{ada} away 01 Jul to 01 Jul"

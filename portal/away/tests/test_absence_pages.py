"""The absence pages: for whom they are, what they refuse, what they show back, and what they pass on."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from portal.people import going_away
from portal.people.going_away import Stretch
from portal.people.models import Absence, Kind, Person, Rank
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting.choices import Excluded, Why
from reporting.models import Duty, Report
from reporting.tests.making import a_line, break_ladder, chain, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def me(client: Client) -> Person:
    person: Person = PersonFactory(rank=Rank.INSPECTOR)
    client.force_login(person)
    return person


@pytest.fixture
def deputy() -> Person:
    person: Person = PersonFactory(rank=Rank.INSPECTOR, number="777001", first_name="Wren", last_name="Deputy")
    return person


def parts(name: str, at: datetime) -> dict[str, str]:
    local = timezone.localtime(at)
    boxes = {"day": local.day, "month": local.month, "year": local.year, "time": f"{local:%H:%M}"}
    return {f"{name}_{box}": str(value) for box, value in boxes.items()}


def typed(start: timedelta = DAY, end: timedelta = 3 * DAY, **more: str) -> dict[str, str]:
    now = timezone.now()
    return {**parts("starts_at", now + start), **parts("ends_at", now + end), "deputy_search": "", **more}


def away(person: Person, start: timedelta = -DAY, end: timedelta = DAY, deputy: Person | None = None) -> Absence:
    now = timezone.now()
    return going_away.declare(by=person, person=person, stretch=Stretch(starts_at=now + start, ends_at=now + end, deputy=deputy))


def page(client: Client, address: str = "/absence/", data: dict[str, Any] | None = None) -> str:
    answer = client.get(address) if data is None else client.post(address, data)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def test_anonymous_is_sent_to_sign_in() -> None:
    for address in ("/absence/", "/absence/new/", "/absence/1/", "/absence/1/duties/"):
        assert Client().get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("fields", [{"rank": Rank.CONSTABLE}, {"rank": Rank.SERGEANT}, {"rank": 0, "kind": Kind.STAFF}])
def test_whom_it_does_not_concern_finds_no_page(client: Client, fields: dict[str, Any]) -> None:
    client.force_login(PersonFactory(**fields))
    assert client.get("/absence/").status_code == 404
    assert client.get("/absence/new/").status_code == 404
    assert "/absence/" not in client.get("/").content.decode()


def test_staff_who_manage_people_have_the_page(client: Client) -> None:
    manager = PersonFactory(rank=0, kind=Kind.STAFF)
    PersonFactory(line_manager=manager)
    client.force_login(manager)
    assert "You are not away, and no absence of yours is planned." in page(client)
    assert "/absence/" in page(client, "/")


def test_a_deputy_of_any_rank_sees_whom_they_stand_in_for(client: Client, me: Person) -> None:
    sergeant = PersonFactory(rank=Rank.SERGEANT)
    away(me, deputy=sergeant)
    client.force_login(sergeant)
    assert "You stand in for</h2>" in page(client).replace("\n", "")
    assert me.name_and_unit in page(client)


def test_nothing_is_kept_before_it_was_shown_back(client: Client, me: Person, deputy: Person) -> None:
    shown = page(client, "/absence/new/", typed(deputy_search="777001"))
    assert "Check your absence" in shown
    assert deputy.name_and_unit in shown
    assert not Absence.objects.exists()


def test_what_was_shown_back_is_kept_once_confirmed(client: Client, me: Person, deputy: Person) -> None:
    said = typed(deputy_search="777001", deputy=str(deputy.pk), confirmed="yes")
    answer = client.post("/absence/new/", said)
    assert (answer.status_code, answer["Location"]) == (302, "/absence/")
    absence = Absence.objects.get()
    assert (absence.person, absence.deputy) == (me, deputy)
    shown = page(client)
    assert "Your absence is recorded" in shown
    assert "Wren Deputy (CN) stands in for you." in shown


def test_the_pages_own_hidden_fields_keep_it(client: Client, me: Person, deputy: Person) -> None:
    import re

    shown = page(client, "/absence/new/", typed(deputy_search="Wren"))
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown))
    client.post("/absence/new/", {**hidden, "confirmed": "yes"})
    assert Absence.objects.get().deputy == deputy


@pytest.mark.parametrize(("start", "said"), [(-timedelta(hours=4), True), (timedelta(hours=4), False)])
def test_of_an_absence_that_began_earlier_today_it_is_said_from_when_it_counts(
    client: Client, me: Person, start: timedelta, said: bool
) -> None:
    with time_machine.travel(timezone.localtime().replace(hour=12, minute=0), tick=False):
        assert ("This counts from when you record it." in page(client, "/absence/new/", typed(start))) == said


def test_what_was_held_when_it_is_said_that_an_absence_began_stays_as_it_was(client: Client) -> None:
    standards_officer()
    constable, _, inspector, chief, *_ = a_line()
    report = send(constable)
    duty, facts = open_duty_of(report), chain(report)
    away(inspector, -timedelta(hours=4), deputy=chief)
    kept = open_duty_of(report)
    assert (kept.pk, kept.holder, kept.from_at, kept.act_due_at) == (duty.pk, inspector, duty.from_at, duty.act_due_at)
    assert chain(report) == facts
    assert open_duty_of(send(constable)).holder == chief
    assert Fact.objects.get(kind="absence.recorded").at > duty.from_at


def test_change_it_goes_back_to_the_filled_form(client: Client, me: Person) -> None:
    shown = page(client, "/absence/new/", typed(change="yes"))
    assert "When do you go?" in shown
    assert not Absence.objects.exists()


def test_doubts_are_shown_before_it_is_kept_and_on_the_page(client: Client, me: Person, deputy: Person) -> None:
    away(deputy, DAY, 3 * DAY, deputy=me)
    assert "names you as their deputy" in page(client, "/absence/new/", typed(deputy_search="777001"))
    client.post("/absence/new/", typed(deputy_search="777001", deputy=str(deputy.pk), confirmed="yes"))
    assert "names you as their deputy" in page(client)


def test_a_search_offers_those_it_finds_without_complaining(client: Client, me: Person) -> None:
    for number in ("888001", "888002"):
        PersonFactory(number=number)
    shown = page(client, "/absence/new/", {"deputy_search": "888", "find": "deputy"})
    assert "888001" in shown
    assert "888002" in shown
    assert "There is a problem" not in shown


def test_of_several_found_one_has_to_be_selected(client: Client, me: Person) -> None:
    for number in ("888001", "888002"):
        PersonFactory(number=number)
    assert "Select who stands in for you" in page(client, "/absence/new/", typed(deputy_search="888"))


def test_nobody_found_is_said(client: Client, me: Person) -> None:
    assert "Nobody was found." in page(client, "/absence/new/", typed(deputy_search="000"))
    assert "Nobody was found." in page(client, "/absence/new/", {"deputy_search": "000", "find": "deputy"})


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Enter when you go"),
        (typed() | {"starts_at_time": ""}, "Enter the time for when you go, such as 2:02pm"),
        (typed(end=timedelta(hours=1)), "must end after it starts"),
        (typed(start=-3 * DAY), "When you go must be today or later. What came to you before stays with you, so enter today"),
        (typed(end=1000 * DAY), "When you are back must be"),
        (typed(deputy="not-a-key"), "Select somebody from the list"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(client: Client, me: Person, said: dict[str, str], sentence: str) -> None:
    assert sentence in page(client, "/absence/new/", said)
    assert not Absence.objects.exists()


def test_an_overlapping_absence_is_refused(client: Client, me: Person) -> None:
    away(me, DAY, 2 * DAY)
    assert "already. Change that one." in page(client, "/absence/new/", typed(confirmed="yes"))


def test_an_absence_that_has_begun_keeps_its_start(client: Client, me: Person) -> None:
    absence = away(me)
    assert "You have been away since" in page(client, f"/absence/{absence.pk}/")
    until = timezone.now() + 5 * DAY
    client.post(f"/absence/{absence.pk}/", {**parts("ends_at", until), "confirmed": "yes"})
    changed = Absence.objects.get()
    assert changed.starts_at == absence.starts_at
    assert abs(changed.ends_at - until) < timedelta(minutes=2)


def test_another_deputy_can_be_chosen(client: Client, me: Person, deputy: Person) -> None:
    absence = away(me, DAY, 2 * DAY, deputy=PersonFactory(rank=Rank.INSPECTOR))
    said = typed(deputy_search="777001", deputy=str(absence.deputy_id), confirmed="yes")
    client.post(f"/absence/{absence.pk}/", said)
    assert Absence.objects.get().deputy == deputy


def test_whoever_is_back_says_so(client: Client, me: Person) -> None:
    absence = away(me)
    assert "I am back" in page(client)
    assert client.post(f"/absence/{absence.pk}/end/").status_code == 302
    assert "You are not away, and no absence of yours is planned." in page(client)
    assert Fact.objects.filter(kind="absence.ended").count() == 1


def test_somebody_elses_absence_does_not_exist(client: Client, me: Person, deputy: Person) -> None:
    absence = away(deputy, deputy=me)
    assert client.get(f"/absence/{absence.pk}/").status_code == 404
    assert client.post(f"/absence/{absence.pk}/end/").status_code == 404
    assert client.get(f"/absence/{absence.pk}/duties/").status_code == 404


def test_an_absence_that_is_over_is_changed_no_more(client: Client, me: Person) -> None:
    absence = away(me)
    going_away.end(by=me, absence_id=absence.pk)
    assert client.get(f"/absence/{absence.pk}/").status_code == 404
    assert client.post(f"/absence/{absence.pk}/end/").status_code == 404


def test_each_page_answers_only_its_methods(client: Client, me: Person) -> None:
    absence = away(me)
    assert client.post("/absence/").status_code == 405
    assert client.get(f"/absence/{absence.pk}/end/").status_code == 405
    assert client.delete("/absence/new/").status_code == 405


@pytest.fixture
def held(client: Client, deputy: Person) -> tuple[Person, list[Report]]:
    """An inspector who is away from tomorrow and holds two duties."""
    standards_officer()
    constable, _, inspector, *_ = a_line()
    reports = [send(constable), send(constable)]
    away(inspector, DAY, 2 * DAY, deputy=deputy)
    client.force_login(inspector)
    return inspector, reports


def test_what_is_held_is_listed_by_reference_and_stays(client: Client, held: tuple[Person, list[Report]]) -> None:
    shown = page(client)
    for report in held[1]:
        assert report.reference in shown
        assert open_duty_of(report).holder == held[0]
    assert "Pass them to Inspector Wren Deputy" in shown


def test_without_an_absence_duties_are_not_listed(client: Client) -> None:
    standards_officer()
    people = a_line()
    report = send(people[0])
    client.force_login(people[2])
    assert report.reference not in page(client)


def test_duties_are_passed_to_the_deputy_and_recorded(client: Client, held: tuple[Person, list[Report]], deputy: Person) -> None:
    inspector, (first, second) = held
    address = f"/absence/{Absence.objects.get().pk}/duties/"
    assert "checked" in page(client, address)
    answer = client.post(address, {"duties": [str(first.pk)], "reason": "I am away."})
    assert (answer.status_code, answer["Location"]) == (302, "/absence/")
    duty = open_duty_of(first)
    assert (duty.holder, duty.why) == (deputy, Why.PASSED)
    assert open_duty_of(second).holder == inspector
    assert "1 duty passed to Inspector Wren Deputy (CN)" in page(client)


def test_passing_from_the_list_says_of_no_report_that_it_was_opened(client: Client, held: tuple[Person, list[Report]]) -> None:
    report = held[1][0]
    client.post(f"/absence/{Absence.objects.get().pk}/duties/", {"duties": [str(report.pk)], "reason": "I am away."})
    assert "duty.opened" not in chain(report)


def test_a_deputy_who_cannot_hold_one_leaves_it_where_it_is(client: Client, held: tuple[Person, list[Report]], deputy: Person) -> None:
    inspector, (first, second) = held
    first.exclusions.create(person=deputy, why=Excluded.NAMED)
    address = f"/absence/{Absence.objects.get().pk}/duties/"
    client.post(address, {"duties": [str(first.pk), str(second.pk)], "reason": "I am away."})
    assert (open_duty_of(first).holder, open_duty_of(second).holder) == (inspector, deputy)
    assert f"Report {first.reference}: That person cannot hold this duty." in strip_tags(page(client))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"reason": "I am away."}, "Select at least one duty"),
        ({"duties": ["9f3b7a3e-0000-4000-8000-000000000000"], "reason": "x"}, "Select duties that you hold"),
        ({"duties": ["first"], "reason": ""}, "Select duties that you hold"),
    ],
)
def test_a_wrong_choice_passes_nothing(client: Client, held: tuple[Person, list[Report]], data: dict[str, Any], sentence: str) -> None:
    before = Duty.objects.count()
    assert sentence in page(client, f"/absence/{Absence.objects.get().pk}/duties/", data)
    assert Duty.objects.count() == before


def test_without_a_deputy_there_is_nobody_to_pass_to(client: Client, me: Person) -> None:
    absence = away(me)
    assert client.get(f"/absence/{absence.pk}/duties/").status_code == 404


def test_a_deputy_of_too_low_a_rank_is_offered_nothing(client: Client, held: tuple[Person, list[Report]]) -> None:
    Absence.objects.update(deputy=PersonFactory(rank=Rank.SERGEANT, first_name="Low", last_name="Rank"))
    assert "Pass them to" not in page(client)
    shown = page(client, f"/absence/{Absence.objects.get().pk}/duties/")
    assert "You hold no duty that Sergeant Low Rank can take." in shown


def test_a_duty_that_can_pass_to_nobody_is_offered_to_no_deputy(client: Client, held: tuple[Person, list[Report]]) -> None:
    broken, sound = held[1]
    break_ladder(broken)
    shown = page(client, f"/absence/{Absence.objects.get().pk}/duties/")
    assert (broken.reference in shown, sound.reference in shown) == (False, True)


def test_the_front_page_says_who_is_away_and_for_how_long(client: Client, me: Person, deputy: Person) -> None:
    assert "You are away until" not in page(client, "/")
    away(me, deputy=deputy)
    shown = page(client, "/")
    assert "You are away until" in shown
    assert "Inspector Wren Deputy stands in for you." in shown

"""The standing report of broken ladders: what it finds, whom it shows it to, and that it looks at everybody in a few statements."""

from __future__ import annotations

import re
from datetime import time, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.people.ladders.findings import Fault, Finding, look
from portal.people.ladders.views import by_kind
from portal.people.models import Absence, Person, Post, Rank, Role, RotaShift, Unit, Weekday
from portal.people.tests.factories import PersonFactory, UnitFactory, desk, line

pytestmark = pytest.mark.django_db
PAGE, FILE, IN_ADMIN = "/standards/ladders/", "/standards/ladders/broken-ladders.csv", "/admin/people/unit/ladders/"
DAY = timedelta(days=1)


@pytest.fixture
def sound() -> list[Person]:
    """A force in which nothing is broken: one unit, led, and desks that somebody staffs."""
    people = line(10, 20, 30, 40, 50, 60)
    Unit.objects.filter(code="CN").update(led_by=people[-1])
    desk(people[-1])
    for post in Post.objects.all():
        post.members.add(people[-1])
    return people


def found(fault: Fault) -> list[Finding]:
    return [finding for finding in look() if finding.fault == fault]


def away(person: Person, deputy: Person | None = None, start: timedelta = -DAY, end: timedelta = DAY) -> Absence:
    at = timezone.now()
    return Absence.objects.create(person=person, deputy=deputy, starts_at=at + start, ends_at=at + end)


def deactivate(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)


def test_a_sound_force_has_no_findings(sound: list[Person]) -> None:
    away(sound[2], PersonFactory(rank=Rank.INSPECTOR, line_manager=sound[3]))
    assert look() == []


def test_a_unit_whose_people_have_no_inspector_over_them(sound: list[Person]) -> None:
    other = UnitFactory(code="MO7", name="Taskforce", led_by=sound[-1])
    sergeant = PersonFactory(rank=Rank.SERGEANT, unit=other)
    for _ in range(3):
        PersonFactory(unit=other, line_manager=sergeant)
    (finding,) = found(Fault.UNREACHED)
    assert (finding.where, finding.people) == ("MO7 Taskforce", 3)
    assert finding.says.startswith("3 people have no inspector or above over them.")
    assert [one.where for one in found(Fault.NO_INSPECTOR)] == ["MO7 Taskforce"]


def test_an_inspector_who_left_is_nobody_over_them(sound: list[Person]) -> None:
    for person in sound[2:]:
        deactivate(person)
    assert found(Fault.UNREACHED)[0].people == 2


def test_an_inspector_further_up_is_enough(sound: list[Person]) -> None:
    deactivate(sound[2])
    assert not found(Fault.UNREACHED)
    (finding,) = found(Fault.LEFT_MANAGER)
    assert finding.people == 1
    assert sound[1].number in finding.says
    assert str(sound[2].pk) in finding.link


def test_people_without_a_line_manager(sound: list[Person]) -> None:
    person = PersonFactory(rank=Rank.INSPECTOR)
    PersonFactory(rank=Rank.CHIEF_SUPERINTENDENT)
    (finding,) = found(Fault.NO_MANAGER)
    assert finding.says == f"1 person has no line manager: {person.number}. Their reports go straight to the desk."


def test_a_line_of_command_that_goes_round(sound: list[Person]) -> None:
    Person.objects.filter(pk=sound[-1].pk).update(line_manager=sound[-2])
    (finding,) = found(Fault.LOOP)
    first, second = sorted([sound[-1].number, sound[-2].number])
    assert f"{first} → {second} → {first}" in finding.says


def test_deputies_who_name_one_another(sound: list[Person]) -> None:
    away(sound[2], sound[3])
    away(sound[3], sound[2])
    (finding,) = found(Fault.RING)
    assert finding.people == 2
    assert not found(Fault.DEPUTY)


def test_a_ring_of_three_deputies_is_one_finding(sound: list[Person]) -> None:
    for person, deputy in ((2, 3), (3, 4), (4, 2)):
        away(sound[person], sound[deputy])
    (finding,) = found(Fault.RING)
    assert finding.people == 3


@pytest.mark.parametrize("broken", ["has left", "ranks below inspector", "is away too"])
def test_a_deputy_who_cannot_stand_in(sound: list[Person], broken: str) -> None:
    deputy = PersonFactory(rank=Rank.SERGEANT if broken == "ranks below inspector" else Rank.INSPECTOR, line_manager=sound[3])
    away(sound[2], deputy)
    if broken == "has left":
        deactivate(deputy)
    if broken == "is away too":
        away(deputy)
    (finding,) = found(Fault.DEPUTY)
    assert broken in finding.says


def test_an_absence_that_is_over_breaks_nothing(sound: list[Person]) -> None:
    away(sound[2], sound[3], -3 * DAY, -DAY)
    away(sound[3], sound[2], -3 * DAY, -DAY)
    assert look() == []


def test_a_deputy_who_was_away_earlier_in_a_long_absence_breaks_nothing_now(sound: list[Person]) -> None:
    away(sound[2], sound[3], -5 * DAY, DAY)
    away(sound[3], None, -4 * DAY, -3 * DAY)
    assert look() == []


def test_a_post_that_nobody_active_staffs(sound: list[Person]) -> None:
    member = PersonFactory(line_manager=sound[1])
    desk(member, code="other")
    assert not found(Fault.EMPTY_POST)
    deactivate(member)
    assert len(found(Fault.EMPTY_POST)) == 1


def test_a_rota_with_holes(sound: list[Person]) -> None:
    for weekday in Weekday.values[:6]:
        RotaShift.objects.create(post=desk(), person=sound[-1], weekday=weekday, starts=time(0), ends=time(0))
    (finding,) = found(Fault.HOLE)
    assert finding.says.startswith("Nobody is on duty from ")


def test_a_unit_without_a_leader_or_whose_leader_left(sound: list[Person]) -> None:
    Unit.objects.update(led_by=None)
    assert found(Fault.UNLED)[0].says == "Nobody is named as its leader."
    gone = PersonFactory(is_active=False)
    Unit.objects.update(led_by=gone)
    assert found(Fault.UNLED)[0].says == f"Its leader, {gone.number}, has left."


def test_a_unit_without_people_is_no_fault(sound: list[Person]) -> None:
    UnitFactory(code="MO19")
    assert look() == []


def test_it_looks_at_everybody_in_a_few_statements(sound: list[Person]) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            look()
        return len(seen)

    before = statements()
    for _ in range(20):
        PersonFactory(unit=UnitFactory(code="MO7"))
        away(PersonFactory(rank=Rank.INSPECTOR), PersonFactory())
    assert statements() == before


def in_role(role: str, **fields: object) -> Client:
    person = PersonFactory(**fields)
    person.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(person)
    return client


def shown(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_professional_standards_see_the_report_without_links_into_the_admin(sound: list[Person]) -> None:
    page = shown(in_role(Role.PROFESSIONAL_STANDARDS))
    assert "People without a line manager (1)" in page
    assert "/admin/people/" not in page


def test_administrators_follow_links_that_mend(sound: list[Person]) -> None:
    client = in_role(Role.ADMINISTRATOR, is_staff=True)
    assert "/admin/people/person/" in shown(client)
    page = shown(client, IN_ADMIN)
    assert "People without a line manager (1)" in page
    assert IN_ADMIN in shown(client, "/admin/people/unit/")


def test_an_unbroken_force_says_what_was_looked_at(sound: list[Person]) -> None:
    page = shown(in_role(Role.PROFESSIONAL_STANDARDS, line_manager=sound[1]))
    assert re.search(r"No ladder is broken. 7 people, \d+ units? and \d posts? were looked at just now.", page)


def test_a_heading_about_people_counts_people_however_few_lines_tell_of_them(sound: list[Person]) -> None:
    for _ in range(3):
        PersonFactory(rank=Rank.SERGEANT, unit=sound[0].unit)
    shown = list(by_kind(look()))
    numbers = {kind["name"]: (kind["number"], len(kind["shown"])) for kind in shown}
    assert numbers[Fault.NO_MANAGER.label] == (3, 1)


def test_all_of_it_is_in_a_file(sound: list[Person]) -> None:
    answer = in_role(Role.PROFESSIONAL_STANDARDS).get(FILE)
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "what,where,says,people,link"
    assert lines[1].startswith("People without a line manager,CN Central North,1 person has no line manager: ")
    assert answer["Content-Disposition"].startswith('attachment; filename="broken-ladders-')


def test_a_long_list_is_cut_on_the_page_and_whole_in_the_file(sound: list[Person]) -> None:
    for number in range(12):
        UnitFactory(code=f"X{number}")
        PersonFactory(unit=Unit.objects.get(code=f"X{number}"), line_manager=sound[1])
    client = in_role(Role.PROFESSIONAL_STANDARDS, line_manager=sound[1])
    assert "The file has 2 more lines of this." in shown(client)
    assert b"".join(client.get(FILE).streaming_content).count(b"Units without a leader,") == 12  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", [PAGE, FILE])
def test_for_anybody_else_there_is_no_such_page(address: str) -> None:
    client = Client()
    assert client.get(address)["Location"].startswith("/accounts/login/")
    client.force_login(PersonFactory(rank=Rank.COMMANDER))
    assert client.get(address).status_code == 404


def test_somebody_in_the_admin_who_may_not_change_units_is_refused() -> None:
    assert in_role(Role.AUDITOR, is_staff=True).get(IN_ADMIN).status_code == 403


def test_it_is_only_read() -> None:
    client = in_role(Role.PROFESSIONAL_STANDARDS)
    assert client.post(PAGE).status_code == 405
    assert client.post(FILE).status_code == 405

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from stdnum import imei

from devices.models import Handset
from portal.demo import force, loading
from portal.demo.cast import CAST, PASSWORD
from portal.people.line import line_of_command
from portal.people.models import Person, Post, Role


@pytest.fixture
def demo(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.DEMO, settings.STATE_DIR = True, tmp_path
    monkeypatch.setattr(loading, "ACCOUNTS", tmp_path / "demo_accounts.json")
    return tmp_path


def test_the_same_force_is_made_every_time() -> None:
    assert force.people(500) == force.people(500)
    assert list(force.handsets(50, force.people(100))) == list(force.handsets(50, force.people(100)))


def test_a_larger_force_holds_the_smaller_one_whole() -> None:
    small, large = force.people(force.SMALL[0]), force.people(2_000)
    assert large[: len(small)] == small
    assert list(force.handsets(400, large))[:260] == list(force.handsets(260, small))


def test_a_force_has_the_size_asked_for_and_no_number_or_address_twice() -> None:
    rows = force.people(3_000)
    assert len(rows) == len({row[0] for row in rows}) == len({row[5] for row in rows}) == 3_000


def test_every_imei_is_valid_and_its_own() -> None:
    made = [row[1] for row in force.handsets(1_000, [])]
    assert len(set(made)) == 1_000
    assert all(imei.is_valid(number) for number in made)


@pytest.mark.django_db
def test_the_demo_loads_with_a_line_of_command_and_every_role(demo: Path) -> None:
    call_command("make_demo")
    assert (Person.objects.active().count(), Handset.objects.count()) == force.SMALL
    constable = Person.objects.get(email="constable@force.example")
    assert [manager.last_name for manager in line_of_command(constable.pk)] == ["Hughes", "Okafor", "Osei", "Rahman", "Clarke"]
    assert {role for person in Person.objects.all() for role in person.roles} == set(Role.values)
    assert {member.last_name for member in Post.objects.get(code="professional-standards").members.all()} == {"Mensah", "Bailey"}
    assert Handset.objects.allotted_to(constable).exists()


@pytest.mark.django_db
def test_the_cast_can_sign_in_and_nobody_else_has_a_password(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_demo")
    call_command("make_demo", "--accounts")
    assert PASSWORD in capsys.readouterr().out
    listed = json.loads((demo / "demo_accounts.json").read_text())
    assert [account["email"] for account in listed] == [character.email for character in CAST]
    assert authenticate(email="inspector@force.example", password=PASSWORD) is not None
    others = Person.objects.exclude(number__in=[character.number for character in CAST])
    assert not any(person.has_usable_password() for person in others)


@pytest.mark.django_db
def test_making_the_demo_again_changes_nobody(demo: Path) -> None:
    call_command("make_demo")
    before = set(Person.objects.values_list("pk", "email", "line_manager"))
    call_command("make_demo")
    assert set(Person.objects.values_list("pk", "email", "line_manager")) == before


@pytest.mark.django_db
def test_outside_a_demo_nobody_gets_a_password(demo: Path, settings: LazySettings) -> None:
    settings.DEMO = False
    call_command("make_demo")
    assert not (demo / "demo_accounts.json").exists()
    assert not Person.objects.get(email="constable@force.example").has_usable_password()


def test_a_production_portal_refuses_invented_people(settings: LazySettings) -> None:
    settings.PRODUCTION, settings.DEMO = True, False
    with pytest.raises(CommandError, match="no place in it"):
        call_command("make_demo")


def test_without_accounts_the_command_says_how_to_get_them(demo: Path) -> None:
    with pytest.raises(CommandError, match="no demo accounts"):
        call_command("make_demo", "--accounts")

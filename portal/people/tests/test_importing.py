from __future__ import annotations

import uuid
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.people import leaving
from portal.people.leaving import Holding
from portal.people.models import Kind, Person, Rank
from portal.people.tests.directory_files import CHIEF, CLERK, CONSTABLE, FORCE, SERGEANT, directory_file, load, problems
from portal.people.tests.factories import PersonFactory, desk
from portal.record.models import Fact

pytestmark = pytest.mark.django_db


def person(number: str) -> Person:
    found: Person = Person.objects.get(number=number)
    return found


def test_everybody_in_the_file_is_in_the_directory_under_their_manager() -> None:
    outcome = load(*FORCE)
    assert (outcome.applied, outcome.counts["new"]) == (True, 4)
    constable = Person.objects.select_related("unit", "line_manager__line_manager").get(number="300")
    assert constable.line_manager == person("200")
    assert constable.line_manager.line_manager == person("100")
    assert (constable.name_and_unit, constable.kind) == ("Constable Tariq Novak (CN)", Kind.OFFICER)
    assert (person("P400").rank, person("P400").kind) == (Rank.NONE, Kind.STAFF)


def test_an_imported_person_has_no_password_and_no_way_into_the_admin() -> None:
    load(*FORCE)
    chief = person("100")
    assert not chief.has_usable_password()
    assert (chief.is_staff, chief.is_superuser) == (False, False)


def test_importing_again_changes_nothing() -> None:
    load(*FORCE)
    before = list(Person.objects.order_by("number").values())
    outcome = load(*FORCE)
    assert (outcome.counts["unchanged"], outcome.counts["changed"], outcome.counts["new"]) == (4, 0, 0)
    assert list(Person.objects.order_by("number").values()) == before


def test_a_change_is_carried_over_and_the_person_stays_the_same() -> None:
    load(*FORCE)
    key = person("300").pk
    outcome = load(
        CHIEF, SERGEANT, CONSTABLE | {"rank": "Detective Sergeant", "unit_code": "mo7", "line_manager_warrant_number": "100"}, CLERK
    )
    changed = Person.objects.select_related("unit").get(pk=key)
    assert outcome.counts["changed"] == 1
    assert (changed.rank, changed.unit.code if changed.unit else "", changed.line_manager) == (Rank.SERGEANT, "MO7", person("100"))


def test_two_people_may_exchange_addresses() -> None:
    load(*FORCE)
    load(CHIEF | {"email": "p200@force.example"}, SERGEANT | {"email": "p100@force.example"}, CONSTABLE, CLERK)
    assert (person("100").email, person("200").email) == ("p200@force.example", "p100@force.example")


def test_a_dry_run_counts_and_changes_nothing() -> None:
    outcome = load(*FORCE, dry_run=True)
    assert (outcome.counts["new"], outcome.applied) == (4, False)
    assert not Person.objects.exists()
    assert not Fact.objects.exists()


def test_the_import_is_a_fact_with_its_file_and_its_actor() -> None:
    administrator = PersonFactory(number="P900", is_staff=True)
    outcome = load(*FORCE, actor=administrator)
    fact = Fact.objects.get(subject=f"import:{outcome.import_id}")
    assert (fact.kind, fact.actor) == ("directory.imported", f"person:{administrator.pk}")
    assert fact.data["file_sha256"] == outcome.digest
    assert fact.data["new"] == 4


@pytest.mark.parametrize("gone", [[CHIEF, SERGEANT, CONSTABLE], [CHIEF, SERGEANT, CONSTABLE, CLERK | {"active": "no"}]])
def test_a_leaver_is_deactivated_and_not_deleted(gone: list[dict[str, str]]) -> None:
    load(*FORCE)
    outcome = load(*gone)
    assert outcome.counts["leaving"] == 1
    clerk = person("P400")
    assert not clerk.is_active
    assert Fact.objects.for_subject(f"person:{clerk.pk}").get().kind == "person.deactivated"


def test_somebody_who_returns_is_active_again() -> None:
    load(*FORCE)
    load(CHIEF, SERGEANT, CONSTABLE)
    outcome = load(*FORCE)
    assert outcome.counts["returning"] == 1
    assert person("P400").is_active
    assert Fact.objects.of_kind("person.reactivated").count() == 1


def test_what_a_leaver_held_is_listed_for_handing_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def describe(people: set[uuid.UUID]) -> list[Holding]:
        return [Holding(person_id=key, what="Handset MPS-000001") for key in people]

    monkeypatch.setattr(leaving, "_describers", [*leaving._describers, describe])
    load(*FORCE)
    desk(person("200"))
    outcome = load(CHIEF, CONSTABLE | {"line_manager_warrant_number": "100"}, CLERK | {"line_manager_warrant_number": "100"})
    told = [(fault.value, fault.problem) for fault in outcome.notes]
    assert ("200", "Leaves: Absent from this file.") in told
    assert ("200", "Hand on: Handset MPS-000001") in told
    assert ("200", "Hand on: Post: Professional standards desk") in told


def test_a_leaver_who_managed_people_who_stay_is_listed_with_their_team() -> None:
    load(*FORCE)
    outcome = load(CHIEF, SERGEANT | {"active": "no"}, CONSTABLE, CLERK)
    assert "Hand on: Line manager of 2" in [fault.problem for fault in outcome.notes]


def test_a_file_that_would_deactivate_a_tenth_of_the_force_stops_until_allowed() -> None:
    many = [CONSTABLE | {"warrant_number": str(1000 + place), "line_manager_warrant_number": ""} for place in range(40)]
    load(*many)
    outcome = load(*many[:20])
    assert not outcome.applied
    assert "would deactivate 20 of 40 people" in outcome.stopped
    assert Person.objects.active().count() == 40
    assert load(*many[:20], allow_leavers=True).applied
    assert Person.objects.active().count() == 20


def test_superusers_and_whoever_imports_stay_though_absent_from_the_file() -> None:
    PersonFactory(number="P901", is_superuser=True)
    administrator = PersonFactory(number="P902")
    load(*FORCE, actor=administrator)
    assert Person.objects.active().filter(number__in=["P901", "P902"]).count() == 2


def test_good_rows_alone_are_imported_when_asked_for() -> None:
    outcome = load(CHIEF, SERGEANT, CONSTABLE | {"rank": "Sargent"}, CLERK, partial=True)
    assert (outcome.applied, outcome.counts["new"], outcome.counts["refused"]) == (True, 3, 1)
    assert not Person.objects.filter(number="300").exists()


def test_under_a_refused_new_manager_people_come_in_without_one_and_are_noted() -> None:
    outcome = load(CHIEF, SERGEANT | {"unit_code": "XX"}, CONSTABLE, CLERK, partial=True)
    assert person("300").line_manager is None
    assert [(note.line, note.problem) for note in outcome.notes] == [
        (4, "The line manager was left as it was, because line 3 was refused."),
        (5, "The line manager was left as it was, because line 3 was refused."),
    ]


def test_under_a_refused_manager_we_know_people_keep_them() -> None:
    load(*FORCE)
    outcome = load(CHIEF, SERGEANT | {"unit_code": "XX"}, CONSTABLE, CLERK, partial=True)
    assert person("300").line_manager == person("200")
    assert outcome.notes == []


def test_a_number_given_twice_changes_nobody_we_know() -> None:
    load(*FORCE)
    outcome = load(CHIEF, SERGEANT, CONSTABLE | {"first_name": "Other"}, CONSTABLE | {"email": "x@force.example"}, CLERK, partial=True)
    assert person("300").first_name == "Tariq"
    assert outcome.counts["refused"] == 2


def test_an_address_stays_with_its_owner_whose_own_line_was_refused() -> None:
    load(*FORCE)
    taker, owner = CHIEF | {"email": "p200@force.example"}, SERGEANT | {"email": "new@force.example", "unit_code": "XX"}
    outcome = load(taker, owner, CONSTABLE, CLERK, partial=True)
    assert [(line, column) for line, column, _ in problems(outcome)] == [(2, "email"), (3, "unit_code")]
    assert (person("100").email, person("200").email) == ("p100@force.example", "p200@force.example")


def test_somebody_whose_own_line_was_refused_does_not_leave_by_it() -> None:
    load(*FORCE)
    load(CHIEF, SERGEANT, CONSTABLE, CLERK | {"warrant_number": "4.0E+02", "email": "pp400@force.example"}, partial=True)
    assert person("P400").is_active


def test_good_rows_that_close_a_loop_with_a_refused_one_are_not_imported() -> None:
    load(*FORCE)
    other = CLERK | {"warrant_number": "500", "kind": "officer", "rank": "Inspector", "line_manager_warrant_number": ""}
    turned = [CHIEF | {"line_manager_warrant_number": "200"}, SERGEANT | {"line_manager_warrant_number": "500", "unit_code": "XX"}]
    with pytest.raises(Exception, match="the line of command would go round: 100 → 200 → 100"):
        load(*turned, CONSTABLE, CLERK, other, partial=True)
    assert person("100").line_manager is None


def test_the_number_of_statements_does_not_grow_with_the_file() -> None:
    def statements(count: int, start: int) -> int:
        people = [CONSTABLE | {"warrant_number": str(start + place), "line_manager_warrant_number": ""} for place in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            load(*people, allow_leavers=True)
        return len(queries)

    assert statements(300, 10_000) <= statements(3, 50_000) + 3  # a batch of facts for the leavers


def test_the_command_says_what_it_did(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    path = f"{tmp_path}/people.csv"
    with open(path, "wb") as file:
        file.write(directory_file(*FORCE).getvalue())
    call_command("import_directory", path)
    assert "4 rows, 4 new" in capsys.readouterr().out


def test_the_command_names_bad_lines_writes_the_report_and_fails(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    path, report = f"{tmp_path}/people.csv", f"{tmp_path}/report.csv"
    with open(path, "wb") as file:
        file.write(directory_file(CHIEF | {"unit_code": "XX"}).getvalue())
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("import_directory", path, "--report", report)
    assert "Line 2, unit_code: “XX”: This unit is not known." in capsys.readouterr().out
    with open(report) as written:
        assert "2,unit_code,XX" in written.read()


def test_the_command_names_its_option_where_many_would_leave_and_says_that_there_are_more(tmp_path: Path) -> None:
    many = [CONSTABLE | {"warrant_number": str(1000 + place), "line_manager_warrant_number": ""} for place in range(60)]
    load(*many)
    path, said = tmp_path / "people.csv", StringIO()
    path.write_bytes(directory_file(*many[:20]).read())
    with pytest.raises(CommandError, match=r"would deactivate 40 of 60 people.*use --allow-leavers"):
        call_command("import_directory", path, stdout=said)
    assert "… and more. Use --report OUT.csv to see them all." in said.getvalue()
    call_command("import_directory", path, "--allow-leavers", stdout=said)
    assert Person.objects.active().count() == 20


def test_the_command_says_when_there_is_no_file() -> None:
    with pytest.raises(CommandError, match="Cannot open"):
        call_command("import_directory", "/nonexistent.csv")

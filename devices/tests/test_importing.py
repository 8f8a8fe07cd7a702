from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from devices.importing import import_handsets
from devices.models import Custody, Handset, State
from devices.stock_file import COLUMNS
from devices.tests.factories import imei, take
from portal.imports.outcome import ImportStopped, Outcome
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Person:
    person: Person = PersonFactory.create(number="300")
    return person


def stock(*rows: dict[str, str]) -> io.BytesIO:
    usual = {"serial": "R5C1", "model": "SM-A346B", "phone_number": "07700 900001", "mdm_id": "ab12", "allotted_to_warrant_number": ""}
    lines = [",".join((usual | row)[column] for column in COLUMNS) for row in rows]
    return io.BytesIO("\n".join([",".join(COLUMNS), *lines]).encode())


def load(*rows: dict[str, str], **options: Any) -> Outcome:
    return import_handsets(file=stock(*rows), **options)


FIRST = {"asset_tag": "MPS-1", "imei": imei(1)}
SECOND = {"asset_tag": "MPS-2", "imei": imei(2)}


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("asset_tag", "", "Enter the asset tag."),
        ("asset_tag", "MPS 2", "2 to 32 letters, digits and hyphens"),
        ("asset_tag", "mps-1", "already on line 2"),
        ("imei", "", "Enter the IMEI."),
        ("imei", imei(2)[:14], "15 digits"),
        ("imei", "3.5E+14", "15 digits"),
        ("imei", imei(2)[:14] + str((int(imei(2)[14]) + 3) % 10), "The last digit of this IMEI does not fit"),
        ("imei", imei(1), "already on line 2"),
        ("serial", "S" * 41, "Shorten the serial number"),
        ("model", "", "Enter the model."),
        ("model", "M" * 81, "Shorten the model"),
        ("phone_number", "call me", "not a phone number"),
        ("mdm_id", "f" * 65, "Shorten the device management id"),
        ("allotted_to_warrant_number", "999999", "Nobody in the directory has this number."),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_changes(column: str, value: str, says: str) -> None:
    outcome = load(FIRST, SECOND | {column: value})
    (fault,) = outcome.faults
    assert (fault.line, fault.column) == (3, column)
    assert says in fault.problem
    assert not outcome.applied
    assert not Handset.objects.exists()


def test_handsets_come_into_stock_or_are_allotted(officer: Person) -> None:
    outcome = load(FIRST, SECOND | {"allotted_to_warrant_number": "300"})
    assert outcome.counts["new"] == 2
    first, second = Handset.objects.order_by("asset_tag")
    assert (first.state, first.allotted_to) == (State.IN_STOCK, None)
    assert (second.state, second.allotted_to) == (State.ALLOTTED, officer)
    assert Fact.objects.get(subject=f"import:{outcome.import_id}").kind == "handsets.imported"


def test_importing_again_changes_nothing(officer: Person) -> None:
    load(FIRST, SECOND | {"allotted_to_warrant_number": "300"})
    before = list(Handset.objects.order_by("pk").values())
    outcome = load(FIRST, SECOND | {"allotted_to_warrant_number": "300"})
    assert (outcome.counts["unchanged"], outcome.counts["changed"]) == (2, 0)
    assert list(Handset.objects.order_by("pk").values()) == before


def test_an_allotment_that_changes_is_a_fact_about_the_handset(officer: Person) -> None:
    load(FIRST)
    load(FIRST | {"allotted_to_warrant_number": "300"})
    load(FIRST)
    handset = Handset.objects.get()
    kinds = [(fact.kind, fact.data["to_person"]) for fact in Fact.objects.for_subject(handset.subject)]
    assert kinds == [("handset.allotted", str(officer.pk)), ("handset.stocked", None)]
    assert handset.state == State.IN_STOCK


def test_a_handset_missing_from_the_file_is_left_alone() -> None:
    load(FIRST, SECOND)
    load(SECOND)
    assert Handset.objects.in_state(State.IN_STOCK).count() == 2


def test_a_handset_somebody_holds_keeps_its_holder_and_a_note_says_so(officer: Person) -> None:
    load(FIRST | {"allotted_to_warrant_number": "300"})
    take(officer, Handset.objects.get())
    outcome = load(FIRST | {"model": "SM-G556B"})
    handset = Handset.objects.get()
    assert (handset.state, handset.allotted_to, handset.model) == (State.CLAIMED, officer, "SM-G556B")
    assert Custody.objects.open().filter(holder=officer).exists()
    assert [note.problem for note in outcome.notes] == ["This handset is claimed, so whom it is allotted to was left as it was."]


def test_the_imei_of_a_handset_somebody_holds_cannot_change(officer: Person) -> None:
    load(FIRST | {"allotted_to_warrant_number": "300"})
    take(officer, Handset.objects.get())
    outcome = load(FIRST | {"allotted_to_warrant_number": "300", "imei": imei(3)})
    assert [fault.problem for fault in outcome.faults] == ["The IMEI of a handset that is claimed cannot change. Check the asset tag."]


def test_nobody_who_holds_a_handset_is_allotted_another(officer: Person) -> None:
    load(FIRST | {"allotted_to_warrant_number": "300"})
    take(officer, Handset.objects.get())
    outcome = load(SECOND | {"allotted_to_warrant_number": "300"})
    assert [fault.problem for fault in outcome.faults] == ["This person already holds handset MPS-1. Leave this empty."]


def test_a_leaver_is_not_allotted_a_handset(officer: Person) -> None:
    Person.objects.update(is_active=False)
    outcome = load(FIRST | {"allotted_to_warrant_number": "300"})
    assert "no longer active" in outcome.faults[0].problem


def test_an_imei_in_stock_under_another_tag_is_named() -> None:
    load(FIRST)
    outcome = load(SECOND | {"imei": imei(1)})
    assert [fault.problem for fault in outcome.faults] == ["This IMEI belongs to MPS-1 in stock. Correct the IMEI or the asset tag."]


def test_good_rows_alone_are_imported_when_asked_for() -> None:
    outcome = load(FIRST, SECOND | {"imei": "1"}, partial=True)
    assert (outcome.applied, outcome.counts["new"], outcome.counts["refused"]) == (True, 1, 1)
    assert Handset.objects.get().asset_tag == "MPS-1"


def test_a_dry_run_changes_nothing() -> None:
    outcome = load(FIRST, dry_run=True)
    assert (outcome.counts["new"], outcome.applied, Handset.objects.count()) == (1, False, 0)


@pytest.mark.parametrize(("content", "says"), [(b"", "empty"), (",".join(COLUMNS).encode(), "no handset under it")])
def test_a_file_without_handsets_is_refused_whole(content: bytes, says: str) -> None:
    with pytest.raises(ImportStopped, match=says):
        import_handsets(file=io.BytesIO(content))


def test_the_command_imports_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "handsets.csv"
    path.write_bytes(stock(FIRST, SECOND).getvalue())
    call_command("import_handsets", str(path))
    assert "2 rows, 2 new" in capsys.readouterr().out

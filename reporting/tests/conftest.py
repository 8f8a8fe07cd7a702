"""What many tests stand on: a line of command with a report in it; for erasing a vault directory, and the two persons that it takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings

from portal.people.models import Person
from reporting.models import Report
from reporting.tests.making import a_line, send, standards_officer


@pytest.fixture
def people() -> list[Person]:
    """Constable, who reports, sergeant, inspector, chief inspector, superintendent."""
    return a_line()


@pytest.fixture
def report(people: list[Person]) -> Report:
    """Sent now: the inspector holds the duty, and has not opened it."""
    return send(people[0])


@pytest.fixture
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.VAULT_FILES = tmp_path / "vault"
    return tmp_path / "vault"


@pytest.fixture
def one() -> Person:
    return standards_officer(last_name="Asker")


@pytest.fixture
def other() -> Person:
    return standards_officer(last_name="Decider")

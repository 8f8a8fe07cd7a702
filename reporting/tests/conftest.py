"""What every test of erasing stands on: a vault directory of its own, and the two persons that it takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings

from portal.people.models import Person
from reporting.tests.making import standards_officer


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

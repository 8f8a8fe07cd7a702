from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db.models import F

from devices.models import Custody, Handset, State
from guidance.models import Acknowledgement, Question
from portal.demo import at_work, loading
from portal.demo.messages import SAMPLES
from portal.people.models import Person
from portal.record.models import Fact
from portal.record.verifying import verify
from reporting import contents
from reporting.choices import DutyState, MessageKind
from reporting.lapsing import fire_due
from reporting.models import Draft, Duty, EscalationPolicy, Lapse, Message, Report
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A force at work; its constable."""
    settings.DEMO, settings.STATE_DIR, settings.VAULT_FILES = True, tmp_path, tmp_path / "vault"
    monkeypatch.setattr(loading, "ACCOUNTS", tmp_path / "demo_accounts.json")
    call_command("make_demo")
    return Person.objects.get(email="constable@force.example")


def by_login(login: str) -> Person:
    return Person.objects.get(email=f"{login}@force.example")


def states_held_by(person: Person) -> list[str]:
    return sorted(Duty.objects.all().held_by(person).values_list("state", flat=True))

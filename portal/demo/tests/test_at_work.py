from __future__ import annotations

from pathlib import Path
from unittest.mock import ANY

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from devices.claiming import claim
from devices.models import Custody, Handset, State, Terms
from guidance.acknowledging import acknowledge
from guidance.models import Acknowledgement, Question
from portal.demo import loading, messages
from portal.people.models import Person
from portal.record.appending import person_actor
from portal.record.models import Fact
from portal.record.verifying import verify
from reporting.choices import DutyState, ReportState
from reporting.forms.message import MessageForm
from reporting.models import Draft, Duty, EscalationPolicy, Message, Report

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A force at work; its constable."""
    settings.DEMO, settings.STATE_DIR, settings.VAULT_FILES = True, tmp_path, tmp_path / "vault"
    monkeypatch.setattr(loading, "ACCOUNTS", tmp_path / "demo_accounts.json")
    call_command("make_demo")
    return by_login("constable")


def by_login(login: str) -> Person:
    found: Person = Person.objects.get(email=f"{login}@force.example")
    return found


def held_by(login: str) -> list[str]:
    return sorted(Duty.objects.all().held_by(by_login(login)).values_list("state", flat=True))


def counts() -> list[int]:
    return [
        model._default_manager.count() for model in (Custody, Acknowledgement, Question, Report, Duty, Message, Draft, EscalationPolicy)
    ]


def test_everybody_finds_something_waiting(demo: Person) -> None:
    assert held_by("inspector") == [DutyState.OPENED, DutyState.SENT, DutyState.SENT, DutyState.SENT, DutyState.TAKEN_UP]
    assert held_by("standards") == [DutyState.SENT, DutyState.SENT]  # a report about a manager, and a referral
    assert Report.objects.filter(confidential=True, duties__holder=by_login("inspector")).count() == 1
    assert Message.objects.get().report.reporter == demo
    assert Handset.objects.in_state(State.RETURNING).count() == Handset.objects.in_state(State.LOST).count() == 1
    assert Question.objects.answerable_by(by_login("author")).count() == 1


def test_the_constable_has_reports_of_her_own_and_her_handset_and_guidance_to_try(demo: Person) -> None:
    assert sorted(demo.reports.values_list("state", flat=True)) == [ReportState.ACTED, ReportState.OPEN]
    assert Handset.objects.allotted_to(demo).exists()
    assert not demo.acknowledgements.exists()


def test_one_report_has_a_minute_to_be_opened_and_the_usual_policy_is_back(demo: Person) -> None:
    assert [report.ladder[0]["minutes_to_open"] for report in Report.objects.all()].count(1) == 1
    assert list(EscalationPolicy.objects.filter(urgent=False).values_list("name", "in_force")) == [("Reports", True)]


def test_units_acknowledge_in_different_shares_each_with_its_fact(demo: Person) -> None:
    assert Acknowledgement.objects.count() == Fact.objects.of_kind("guidance.acknowledged").count() > 300
    assert len({Acknowledgement.objects.filter(person__unit__code=code).count() for code in ("CN", "AS", "SW", "MDET")}) > 1


@pytest.mark.django_db(transaction=True)
def test_the_record_of_the_demo_verifies_and_agrees_with_its_rows(demo: Person) -> None:
    assert verify().waiting == Fact.objects.count()
    for kind, rows in (
        ("report.sent", Report.objects.count()),
        ("duty.passed", Duty.objects.count()),
        ("duty.opened", Duty.objects.exclude(opened_at=None).count()),
        ("duty.taken_up", Duty.objects.exclude(taken_up_at=None).count()),
        ("duty.acted", Duty.objects.exclude(acted_at=None).count()),
        ("handset.claimed", Custody.objects.count()),
    ):
        assert Fact.objects.of_kind(kind).count() == rows, kind


@pytest.mark.parametrize("kind", ["handset.claimed", "guidance.acknowledged"])
def test_what_is_written_many_at_once_leaves_the_facts_of_the_verb(demo: Person, kind: str) -> None:
    written = Fact.objects.of_kind(kind)[0]
    handset = Handset.objects.allotted_to(demo).get()
    claim(holder=demo, asset_tag=handset.asset_tag, last_four=handset.imei[-4:], terms_id=Terms.objects.latest("id").pk)
    version = Acknowledgement.objects.select_related("version__document").latest("id").version
    acknowledge(person=demo, slug=version.document.slug, version_id=version.pk, text_hash=version.text_hash)
    by_verb = Fact.objects.of_kind(kind).get(actor=person_actor(demo))
    assert by_verb.data.keys() == written.data.keys()
    assert by_verb.subject.partition(":")[0] == written.subject.partition(":")[0]
    assert written.actor.startswith("person:")


def test_making_the_demo_again_adds_nothing_twice(demo: Person) -> None:
    before = counts()
    call_command("make_demo")
    assert counts() == before


def test_without_its_work_the_force_has_claimed_read_and_sent_nothing(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATE_DIR = tmp_path
    monkeypatch.setattr(loading, "ACCOUNTS", tmp_path / "demo_accounts.json")
    call_command("make_demo", "--bare")
    assert counts() == [0, 0, 0, 0, 0, 0, 0, ANY]


@pytest.mark.parametrize("sample", messages.SAMPLES, ids=lambda sample: f"{sample.reporter}-{sample.categories[0]}")
def test_a_samples_answers_are_those_of_the_form(sample: messages.Sample) -> None:
    answers = sample.answers()["message"]
    seen = {"saw_day": "3", "saw_month": "3", "saw_year": "2025", "saw_time": "2:02pm"}
    form = MessageForm({**answers, **seen}, reporter=Person())
    assert form.is_valid(), form.errors
    assert {name: form.answers()[name] for name in answers} == answers

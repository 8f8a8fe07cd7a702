from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from devices.models import AppRule, Handset, RolloutPlan, State, Terms
from devices.tests.factories import HandsetFactory, take, with_role
from portal.people.models import Person, Role
from portal.people.tests.factories import UnitFactory
from portal.record.models import Fact

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
MODELS = ["handset", "custody", "discrepancy", "apprule", "terms", "rolloutplan"]


@pytest.fixture
def administrator(signed_in_as: SignIn) -> Client:
    return signed_in_as(with_role(Role.ADMINISTRATOR, is_staff=True))


def address(model: str, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:devices_{model}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_and_is_exported(administrator: Client, officer: Person, model: str) -> None:
    take(officer)
    RolloutPlan.objects.create(unit=UnitFactory(), week_starting="2026-11-23", planned=5)
    page = administrator.get(address(model))
    chosen = [row.pk for row in page.context["cl"].queryset]
    assert page.status_code == 200
    if chosen:
        sent = administrator.post(address(model), {"action": "export_as_csv", "_selected_action": chosen})
        text = b"".join(sent.streaming_content).decode()  # type: ignore[attr-defined]
        assert len(list(csv.reader(io.StringIO(text)))) == len(chosen) + 1


@pytest.mark.parametrize("model", MODELS)
def test_lists_are_closed_to_officers(signed_in_as: SignIn, officer: Person, model: str) -> None:
    assert signed_in_as(officer).get(address(model)).status_code == 302


def described(handset: Handset, **changed: str) -> dict[str, str]:
    fields = ["asset_tag", "imei", "serial", "model", "phone_number", "mdm_id", "condition"]
    return {**{field: getattr(handset, field) for field in fields}, **changed}


def test_editing_a_handset_changes_its_description_and_never_its_state_or_tag(administrator: Client) -> None:
    handset = HandsetFactory()
    given = described(handset, condition="Cracked corner", asset_tag="OTHER", state="claimed", allotted_to="")
    assert administrator.post(address("handset", "change", handset.pk), given).status_code == 302
    after = Handset.objects.get()
    assert (after.condition, after.state, after.asset_tag) == ("Cracked corner", State.IN_STOCK, handset.asset_tag)
    fact = Fact.objects.for_subject(handset.subject).get()
    assert (fact.kind, fact.data) == ("handset.edited", {"fields": ["condition"]})


@pytest.mark.parametrize("wrong", ["352099001761482", "35209900176148", "", "x", "😀", "35209900176148152"])
def test_a_wrong_imei_is_refused_in_words(administrator: Client, wrong: str) -> None:
    given = {"asset_tag": "T-1", "imei": wrong, "model": "Phone"}
    response = administrator.post(address("handset", "add"), given)
    assert (response.status_code, bool(response.context["adminform"].form.errors["imei"])) == (200, True)


def test_a_handset_is_added_with_a_small_letter_tag_made_capital(administrator: Client) -> None:
    administrator.post(address("handset", "add"), {"asset_tag": "T-1", "imei": "352099001761481", "model": "Phone"})
    assert Handset.objects.get().asset_tag == "T-1"


def test_the_form_for_a_new_handset_shows_nothing_that_it_does_not_have_yet(administrator: Client) -> None:
    page = administrator.get("/admin/devices/handset/add/").content.decode()
    assert "DatabaseDefault" not in page
    assert "Added at" not in page


def test_handsets_and_custodies_are_never_deleted(administrator: Client, officer: Person) -> None:
    custody = take(officer)
    assert administrator.post(address("handset", "delete", custody.handset_id), {"post": "yes"}).status_code == 403
    assert administrator.post(address("custody", "delete", custody.pk), {"post": "yes"}).status_code == 403


def test_terms_that_somebody_accepted_cannot_be_changed(administrator: Client, officer: Person) -> None:
    terms = take(officer).terms
    assert administrator.post(address("terms", "change", terms.pk), {"text": "Other words."}).status_code == 403
    assert administrator.post(address("terms", "add"), {"text": "Other words."}).status_code == 302
    assert [one.text for one in Terms.objects.all()] == ["Other words.", terms.text]


def test_app_rules_are_edited_added_and_removed_with_a_fact_each(administrator: Client) -> None:
    rule = AppRule.objects.get(name="TikTok")
    given = {"name": "TikTok", "platform_id": "", "access": "by_permission", "reason": "For a case."}
    administrator.post(address("apprule", "change", rule.pk), given)
    administrator.post(address("apprule", "delete", rule.pk), {"post": "yes"})
    administrator.post(address("apprule", "add"), {**given, "name": "Other"})
    kinds = list(Fact.objects.filter(subject__startswith="app_rule:").order_by("id").values_list("kind", flat=True))
    assert kinds == ["app_rule.edited", "app_rule.removed", "app_rule.added"]


def test_an_app_has_one_rule_whatever_its_capitals(administrator: Client) -> None:
    response = administrator.post(address("apprule", "add"), {"name": "tiktok", "access": "allowed", "reason": "No."})
    assert "This app has a rule already" in response.content.decode()


def test_a_plan_starts_on_a_monday(administrator: Client) -> None:
    given = {"unit": UnitFactory().pk, "week_starting": "2026-11-24", "planned": 5}
    assert "A week starts on a Monday" in administrator.post(address("rolloutplan", "add"), given).content.decode()
    assert administrator.post(address("rolloutplan", "add"), {**given, "week_starting": "2026-11-23"}).status_code == 302

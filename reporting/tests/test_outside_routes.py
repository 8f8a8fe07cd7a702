from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.test import Client

from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting.models import Attachment, Conflict, Decision, Draft, Duty, Exclusion, Lapse, Message, OutsideRoute, Report

pytestmark = pytest.mark.django_db


def test_the_shipped_routes_name_one_phone_for_indecent_images() -> None:
    assert OutsideRoute.objects.get(for_indecent_images=True).phone
    assert OutsideRoute.objects.filter(phone="0800 085 0000").exists()


def test_a_route_needs_a_phone_or_an_address() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OutsideRoute.objects.create(name="Nothing")


def test_an_administrator_edits_the_routes(client: Client) -> None:
    client.force_login(PersonFactory(is_staff=True, is_superuser=True))
    assert client.get("/admin/reporting/outsideroute/").status_code == 200
    route = OutsideRoute.objects.get(for_indecent_images=True)
    form = {"name": route.name, "phone": "020 7946 0555", "order": 0, "for_indecent_images": "on"}
    client.post(f"/admin/reporting/outsideroute/{route.pk}/change/", form)
    assert b"020 7946 0555" in client.get("/reports/new/").content


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"phone": ""}, "Enter a phone number or an address."),
        ({"for_indecent_images": "on"}, "Another route is the one for indecent images of children."),
    ],
    ids=["no way to reach it", "a second one"],
)
def test_the_admin_says_in_words_what_a_route_cannot_be(client: Client, changes: dict[str, str], why: str) -> None:
    client.force_login(PersonFactory(is_staff=True, is_superuser=True))
    form = {"name": "Another", "phone": "020 7946 0555", "order": "0"} | changes
    assert why in client.post("/admin/reporting/outsideroute/add/", form).content.decode()
    assert not OutsideRoute.objects.filter(name="Another").exists()


def test_without_a_route_the_warning_still_says_whom_to_call(client: Client) -> None:
    OutsideRoute.objects.all().delete()
    client.force_login(PersonFactory())
    assert b"Call 101" in client.get("/reports/new/").content


def test_the_admin_holds_no_report_content() -> None:
    registered = set(admin.site._registry)
    assert registered.isdisjoint({Report, Draft, Duty, Message, Attachment, Decision, Exclusion, Conflict, Lapse})


def test_a_change_to_a_route_is_a_fact_and_the_list_is_exported(client: Client) -> None:
    client.force_login(PersonFactory(is_staff=True, is_superuser=True))
    route = OutsideRoute.objects.get(for_indecent_images=True)
    client.post(f"/admin/reporting/outsideroute/{route.pk}/change/", {"name": route.name, "phone": "020 7946 0555", "order": 0})
    client.post("/admin/reporting/outsideroute/", {"action": "delete_selected", "_selected_action": route.pk, "post": "yes"})
    kinds = Fact.objects.for_subject(f"outside_route:{route.pk}").values_list("kind", flat=True)
    assert list(kinds) == ["outside_route.changed", "outside_route.removed"]
    chosen = list(OutsideRoute.objects.values_list("pk", flat=True))
    sent = client.post("/admin/reporting/outsideroute/", {"action": "export_as_csv", "_selected_action": chosen})
    lines = b"".join(sent.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 1 + len(chosen)

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.test import Client

from portal.people.tests.factories import PersonFactory
from reporting.models import Attachment, Decision, Draft, Duty, Exclusion, Lapse, Message, OutsideRoute, Report

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


def test_without_a_route_the_warning_still_says_whom_to_call(client: Client) -> None:
    OutsideRoute.objects.all().delete()
    client.force_login(PersonFactory())
    assert b"Call 101" in client.get("/reports/new/").content


def test_the_admin_holds_no_report_content() -> None:
    registered = set(admin.site._registry)
    assert registered.isdisjoint({Report, Draft, Duty, Message, Attachment, Decision, Exclusion, Lapse})

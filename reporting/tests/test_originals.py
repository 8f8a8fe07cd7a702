from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting.escalation import lapsing
from reporting.evidence import keeping as evidence
from reporting.models import Attachment, Report
from reporting.tests.browsing import signed_in
from reporting.tests.making import age, standards_officer

pytestmark = pytest.mark.django_db
WORDS = b"[02/11/2026, 14:02] Sam: what was said in the chat\n"


def attached(report: Report) -> Attachment:
    checked = evidence.check(SimpleUploadedFile("chat.txt", WORDS, "text/plain"))
    with transaction.atomic():
        return evidence.keep(checked, container=report.container, so_far=0, report=report)


@pytest.mark.parametrize("room", ["duties", "standards"])
def test_the_original_is_given_for_a_reason_that_is_kept(people: list[Person], report: Report, room: str) -> None:
    person = people[2] if room == "duties" else standards_officer()
    client, address = signed_in(person), f"/{room}/{report.reference}/files/{attached(report).pk}/"
    assert b"what was said" in client.get(address).content
    assert b"Enter why you need the original file" in client.post(f"{address}original/").content
    response = client.post(f"{address}original/", {"why": "To show the sergeant."})
    assert response.content == WORDS
    assert response.headers["Content-Disposition"].startswith("attachment")
    fact = Fact.objects.of_kind("evidence.consulted").get()
    assert fact.actor == f"person:{person.pk}"
    assert "sergeant" not in fact.facts + fact.sealed


@pytest.mark.parametrize("end", ["", "original/"])
@pytest.mark.parametrize("room", ["duties", "standards"])
def test_files_of_somebody_elses_duty_do_not_exist(report: Report, room: str, end: str) -> None:
    address = f"/{room}/{report.reference}/files/{attached(report).pk}/{end}"
    assert signed_in(PersonFactory(rank=60)).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_a_former_holder_does_not_see_files_that_came_later(people: list[Person], report: Report) -> None:
    age(report, hours=3)
    lapsing.fire_due()
    address = f"/duties/{report.reference}/files/{attached(report).pk}/"
    assert signed_in(people[2]).get(address).status_code == 404
    assert signed_in(people[3]).get(address).status_code == 200
    assert "chat.txt" not in signed_in(people[2]).get(f"/duties/{report.reference}/").content.decode()

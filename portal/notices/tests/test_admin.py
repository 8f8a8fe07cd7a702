"""Administrators see what could not be delivered, and never who reported or who has to act."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from portal.notices.models import Outbox, State
from portal.notices.outbox import put
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/notices/outbox/"


@pytest.fixture
def admin(client: Client) -> Client:
    person: Person = PersonFactory.create(is_staff=True)
    person.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    client.force_login(person)
    return client


def told(kind: str, *, state: str = State.WAITING) -> Outbox:
    to = PersonFactory.create(first_name="Maya", last_name="Reid")
    put(to=to, kind=kind, subject="About MR-7K3P-9QXA", body="Words.", link="/reports/MR-7K3P-9QXA/", dedupe=f"{kind}:1")
    Outbox.objects.filter(kind=kind).update(state=state)
    return Outbox.objects.get(kind=kind)


def page(admin: Client, address: str = LIST) -> str:
    answer = admin.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("kind", ["report.sent", "report.passed", "duty.passed", "deadline.missed"])
def test_who_is_told_of_a_report_is_not_listed(admin: Client, kind: str) -> None:
    notice = told(kind)
    assert "Reid" not in page(admin)
    assert admin.get(f"{LIST}{notice.pk}/change/").status_code == 302


def test_a_notice_about_a_report_that_failed_is_listed_without_its_recipient(admin: Client) -> None:
    notice = told("report.sent", state=State.FAILED)
    for shown in (page(admin), page(admin, f"{LIST}{notice.pk}/change/")):
        assert "about a report" in shown
        assert not [hidden for hidden in ("Reid", "MR-7K3P", "report.sent") if hidden in shown]


def test_a_failed_notice_about_a_report_can_be_sent_again(admin: Client) -> None:
    notice = told("report.sent", state=State.FAILED)
    admin.post(LIST, {"action": "send_again", "_selected_action": [notice.pk]})
    assert Outbox.objects.get().state == State.WAITING


def test_searching_for_a_name_does_not_find_their_notices_about_reports(admin: Client) -> None:
    told("report.sent", state=State.FAILED)
    assert "about a report" not in page(admin, f"{LIST}?q=Reid")


def test_other_notices_are_listed_with_their_recipient(admin: Client) -> None:
    told("guidance.published")
    assert "Reid" in page(admin, f"{LIST}?q=Reid")


@pytest.mark.parametrize("asked", ["kind=report.sent", "link__contains=MR-7K3P-9QXA", "subject__contains=MR", "to__last_name=Reid"])
def test_an_address_filters_by_nothing_that_the_page_does_not_offer(admin: Client, asked: str) -> None:
    told("report.sent", state=State.FAILED)
    assert admin.get(f"{LIST}?{asked}").status_code == 400


def test_the_filter_that_the_page_offers_works(admin: Client) -> None:
    told("guidance.published", state=State.FAILED)
    assert "Reid" in page(admin, f"{LIST}?state__exact=failed")

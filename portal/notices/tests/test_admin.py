"""Administrators see what could not be delivered, and never who reported or who has to act."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from portal.notices import reaching
from portal.notices.admin import roughly
from portal.notices.models import Outbox, State, Unreachable, Way
from portal.notices.outbox import put
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.record.appending import now
from portal.ui import words

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
    answer = admin.post(LIST, {"action": "send_again", "_selected_action": [notice.pk]}, follow=True)
    assert "1 notice will be sent again." in answer.content.decode()
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


def test_no_minute_says_which_report_a_notice_is_about(admin: Client) -> None:
    notice = told("report.sent", state=State.FAILED)
    for shown in (page(admin), page(admin, f"{LIST}{notice.pk}/change/")):
        assert "less than an hour ago" in shown
        assert words.clock(timezone.localtime(notice.made_at)) not in shown


@pytest.mark.parametrize(("hours", "said"), [(0.9, "less than an hour"), (1, "1 hour"), (47, "47 hours"), (49, "2 days")])
def test_how_long_ago_is_said_roughly(hours: float, said: str) -> None:
    assert roughly(timedelta(hours=hours)) == said


def test_a_kind_that_nobody_has_thought_of_is_not_listed(admin: Client) -> None:
    told("something.new")
    assert "Reid" not in page(admin)


def test_sending_again_begins_as_if_nothing_had_refused_it(admin: Client) -> None:
    notice = told("guidance.published", state=State.FAILED)
    Outbox.objects.update(attempts=8)
    reaching.mark(person_id=notice.to_id, way=Way.SMTP, address=notice.to.email, why="SMTP 550", at=now())
    answer = admin.post(LIST, {"action": "send_again", "_selected_action": [notice.pk]}, follow=True)
    assert "1 notice will be sent again." in answer.content.decode()
    assert (Outbox.objects.get().attempts, Unreachable.objects.count()) == (0, 0)


def test_the_page_of_one_notice_has_nothing_to_save(admin: Client) -> None:
    shown = page(admin, f"{LIST}{told('guidance.published', state=State.FAILED).pk}/change/")
    assert "View notice" in shown
    assert 'name="_save"' not in shown


def test_people_who_cannot_be_reached_are_listed_and_their_address_can_be_used_again(admin: Client) -> None:
    person = PersonFactory.create(last_name="Reid")
    reaching.mark(person_id=person.pk, way=Way.SMTP, address=person.email, why="SMTP 550 at the recipient", at=now())
    shown = page(admin, "/admin/notices/unreachable/")
    assert "Reid" in shown
    assert person.email in shown
    chosen = {"action": "use_again", "_selected_action": [Unreachable.objects.get().pk]}
    assert "1 person will be written to again." in admin.post("/admin/notices/unreachable/", chosen, follow=True).content.decode()
    assert not Unreachable.objects.exists()


@pytest.mark.parametrize(("address", "title"), [(LIST, "Notices"), ("/admin/notices/unreachable/", "Addresses that cannot be reached")])
def test_a_list_is_called_what_it_holds(admin: Client, address: str, title: str) -> None:
    assert f"<h1>{title}</h1>" in page(admin, address)

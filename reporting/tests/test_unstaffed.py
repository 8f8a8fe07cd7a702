"""A post that nobody can take a report at keeps the duty, and administrators are told that, once, and nothing else."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from portal.notices.models import Outbox, State
from portal.people.models import Person, PostMember, Role
from portal.people.tests.factories import PersonFactory
from reporting.choices import Excluded
from reporting.escalation import lapsing
from reporting.escalation.unstaffed import alert_unstaffed, unstaffed
from reporting.tests.making import a_line, age, open_duty_of, send, standards_officer, the_desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Person:
    person: Person = PersonFactory(is_staff=True)
    person.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    return person


def alerted() -> list[Person]:
    return [notice.to for notice in Outbox.objects.filter(kind="post.unstaffed").order_by("pk")]


def test_a_report_that_comes_to_an_empty_post_is_told_to_administrators_without_its_reference(administrator: Person) -> None:
    report = send(a_line()[0], skip_line=True)
    notice = Outbox.objects.get(kind="post.unstaffed")
    assert (notice.to, notice.link) == (administrator, f"/admin/people/post/{the_desk().pk}/change/")
    assert report.reference not in notice.subject + notice.body + notice.dedupe
    assert list(unstaffed()) == [open_duty_of(report)]


def test_a_post_where_everybody_is_kept_from_the_report_is_as_good_as_empty(administrator: Person) -> None:
    accused = standards_officer()
    send(a_line()[0], skip_line=True, excluded={accused: Excluded.SENDER})
    assert alerted() == [administrator]


def test_a_post_with_somebody_free_alerts_nobody(administrator: Person) -> None:
    accused, _ = standards_officer(), standards_officer()
    send(a_line()[0], skip_line=True, excluded={accused: Excluded.SENDER})
    assert (alerted(), list(unstaffed()), alert_unstaffed()) == ([], [], 0)


def test_a_member_who_left_staffs_nothing(administrator: Person) -> None:
    Person.objects.filter(pk=standards_officer().pk).update(is_active=False)
    send(a_line()[0], skip_line=True)
    assert alerted() == [administrator]


def test_a_lapse_that_passes_a_duty_to_an_empty_post_alerts_too(administrator: Person) -> None:
    report = send(a_line()[0])
    for _ in range(3):
        age(report, days=1)
        lapsing.fire_due()
    assert open_duty_of(report).post == the_desk()
    assert alerted() == [administrator]


def test_a_post_that_is_emptied_later_is_found_and_told_once(administrator: Person) -> None:
    member = standards_officer()
    send(a_line()[0], skip_line=True)
    PostMember.objects.filter(person=member).delete()
    assert [alert_unstaffed(), alert_unstaffed()] == [1, 1]
    assert alerted() == [administrator]


def test_an_administrator_who_must_not_know_of_the_report_is_not_told(administrator: Person) -> None:
    reporting = PersonFactory(is_superuser=True)
    send(reporting, skip_line=True, excluded={administrator: Excluded.NAMED})
    assert alert_unstaffed() == 1
    assert alerted() == []


def test_an_administrator_who_must_not_know_of_the_report_does_not_see_that_others_were_told(administrator: Person) -> None:
    told: Person = PersonFactory(is_superuser=True, last_name="Toldalone")
    send(a_line()[0], skip_line=True, excluded={administrator: Excluded.NAMED})
    assert alerted() == [told]
    client = Client()
    for state in (State.WAITING, State.FAILED):
        Outbox.objects.update(state=state)
        client.force_login(administrator)
        assert "Toldalone" not in (page := client.get("/admin/notices/outbox/").content.decode())
        assert "unstaffed" not in page
        client.force_login(overseer())
        assert "Toldalone" not in client.get("/standards/undelivered/").content.decode()


def overseer() -> Person:
    """Somebody in professional standards who is not at the desk."""
    person: Person = PersonFactory()
    person.groups.add(Group.objects.get(name=Role.PROFESSIONAL_STANDARDS))
    return person


def test_professional_standards_see_how_many_and_nobody_sees_one_they_must_not_know_of() -> None:
    free, accused = overseer(), overseer()
    send(a_line()[0], skip_line=True, excluded={accused: Excluded.SENDER})
    for person, shown in ((free, True), (accused, False)):
        client = Client()
        client.force_login(person)
        assert ("1 duty is with a desk where nobody may take it" in client.get("/standards/").content.decode()) is shown


def test_whoever_holds_a_token_for_figures_reads_how_many(client: Client) -> None:
    assert "candour_unstaffed_duties 0.0" in client.get("/metrics").content.decode()
    send(a_line()[0], skip_line=True)
    assert "candour_unstaffed_duties 1.0" in client.get("/metrics").content.decode()

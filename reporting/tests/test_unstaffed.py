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
from reporting.models import Exclusion
from reporting.notice_kinds import withheld
from reporting.tests.browsing import signed_in
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


def test_where_no_administrator_may_be_told_professional_standards_who_may_know_are(administrator: Person) -> None:
    accused, free = overseer(), overseer()
    report = send(a_line()[0], skip_line=True, excluded={administrator: Excluded.NAMED, accused: Excluded.SENDER})
    assert alerted() == [free]
    notice = Outbox.objects.get(kind="post.unstaffed")
    assert (notice.link, withheld(notice)) == ("/standards/", "")
    assert report.reference not in notice.subject + notice.body
    free.groups.clear()
    assert withheld(Outbox.objects.get(pk=notice.pk)) == "no longer in that role"


def test_that_others_were_told_is_seen_once_given_up_by_whoever_may_know_of_the_report(administrator: Person) -> None:
    told: Person = PersonFactory(is_superuser=True, last_name="Toldalone")
    accused, free, other = overseer(), overseer(), PersonFactory(is_superuser=True, is_staff=True)
    send(a_line()[0], skip_line=True, excluded={administrator: Excluded.NAMED, accused: Excluded.SENDER})
    Outbox.objects.filter(to=other).delete()
    assert alerted() == [told]
    for state in (State.WAITING, State.FAILED):
        Outbox.objects.exclude(kind="report.sent").update(state=state)
        seen = {person.pk: dead_letters(person) for person in (administrator, accused, free, other)}
        for person in (administrator, accused):
            assert not [word for word in ("Toldalone", "unstaffed", "about a report") if word in seen[person.pk]]
        assert ("Toldalone" in seen[free.pk], "about a report" in seen[other.pk]) == ((state == State.FAILED),) * 2
        assert "Toldalone" not in seen[other.pk]


def test_an_administrator_who_is_kept_from_the_report_after_the_notice_was_written_does_not_get_it(administrator: Person) -> None:
    report = send(a_line()[0], skip_line=True)
    Exclusion.objects.create(report=report, person=administrator, why=Excluded.NAMED)
    assert withheld(Outbox.objects.get(kind="post.unstaffed")) == "must not know of the report"


def dead_letters(person: Person) -> str:
    """The list of what reached nobody that is this person's to read."""
    client = signed_in(person)
    path = "/standards/undelivered/" if person.has_role(Role.PROFESSIONAL_STANDARDS) else "/admin/notices/outbox/"
    return client.get(path).content.decode()


def overseer() -> Person:
    """Somebody in professional standards who is not at the desk."""
    person: Person = PersonFactory()
    person.groups.add(Group.objects.get(name=Role.PROFESSIONAL_STANDARDS))
    return person


def test_professional_standards_see_how_many_and_nobody_sees_one_they_must_not_know_of() -> None:
    free, accused = overseer(), overseer()
    send(a_line()[0], skip_line=True, excluded={accused: Excluded.SENDER})
    for person, shown in ((free, True), (accused, False)):
        client = signed_in(person)
        assert ("1 duty is with a desk where nobody may take it" in client.get("/standards/").content.decode()) is shown


def test_whoever_holds_a_token_for_figures_reads_how_many(client: Client) -> None:
    assert "candour_unstaffed_duties 0.0" in client.get("/metrics").content.decode()
    send(a_line()[0], skip_line=True)
    assert "candour_unstaffed_duties 1.0" in client.get("/metrics").content.decode()

"""Administrators look after people and bring them in from a file; they see no report, and give themselves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.imports.models import Upload
from portal.people.models import Absence, Person, Post, PostMember, Role
from portal.people.tests.directory_files import CHIEF, CONSTABLE, FORCE, SERGEANT, directory_file, load
from portal.people.tests.factories import PersonFactory, UnitFactory, desk, line
from portal.record.models import Fact
from portal.vault.models import Item

pytestmark = pytest.mark.django_db
UPLOAD = "/admin/people/person/import/"
EXPORT = {"action": "export_as_csv"}


@pytest.fixture(autouse=True)
def _vault(settings: object, tmp_path: Path) -> None:
    settings.VAULT_FILES = tmp_path  # type: ignore[attr-defined]


def administrator(number: str = "P900") -> Person:
    person: Person = PersonFactory.create(number=number, is_staff=True, rank=0, kind="staff")
    person.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    return person


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(administrator())
    return client


def upload(client: Client, *people: dict[str, str], content: bytes | None = None) -> str:
    """Upload a file and return the address of its preview."""
    file = SimpleUploadedFile("people.csv", content if content is not None else directory_file(*people).getvalue())
    answer = client.post(UPLOAD, {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def form_of(person: Person, **changed: object) -> dict[str, object]:
    whole = {
        "number": person.number,
        "kind": person.kind,
        "rank": person.rank,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "unit": person.unit_id or "",
        "line_manager": person.line_manager_id or "",
        "job_title": "",
        "is_active": "on",
        "groups": [],
    }
    return whole | changed


def page_of(person: Person) -> str:
    return reverse("admin:people_person_change", args=[person.pk])


def test_a_file_is_previewed_and_changes_nothing_until_confirmed(admin: Client) -> None:
    preview = upload(admin, *FORCE)
    page = admin.get(preview).content.decode()
    assert "Nothing has been changed yet." in page
    assert Person.objects.count() == 1
    assert admin.post(preview).status_code == 302
    assert Person.objects.active().count() == 5
    assert Fact.objects.get(kind="directory.imported").actor.startswith("person:")


def test_an_imported_file_is_destroyed(admin: Client) -> None:
    admin.post(upload(admin, *FORCE))
    assert not Upload.objects.exists()
    assert not Item.objects.exists()


def test_bad_lines_are_listed_and_left_out_only_when_ticked(admin: Client) -> None:
    preview = upload(admin, CHIEF, SERGEANT, CONSTABLE | {"unit_code": "XX"})
    assert "This unit is not known." in admin.get(preview).content.decode()
    refused = admin.post(preview)
    assert "Tick this to go on" in refused.content.decode()
    assert Person.objects.count() == 1
    assert admin.post(preview, {"partial": "on"}).status_code == 302
    assert Person.objects.count() == 3


def test_many_leavers_are_deactivated_only_when_ticked(admin: Client) -> None:
    many = [CONSTABLE | {"warrant_number": str(1000 + place), "line_manager_warrant_number": ""} for place in range(20)]
    load(*many, actor=Person.objects.get(number="P900"))
    preview = upload(admin, *FORCE)
    assert "would deactivate 20 of 21 people" in admin.get(preview).content.decode()
    assert admin.post(preview).status_code == 200
    assert Person.objects.active().count() == 21
    assert admin.post(preview, {"allow_leavers": "on"}).status_code == 302
    assert Person.objects.active().count() == 5


def test_the_report_of_a_preview_can_be_downloaded(admin: Client) -> None:
    answer = admin.get(upload(admin, CHIEF | {"unit_code": "XX"}) + "report.csv")
    assert b"2,unit_code,XX," in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="directory-report.csv"'


@pytest.mark.parametrize(("content", "says"), [(b"PK\x03\x04", "Excel workbook"), (b"<html>", "not a CSV file"), (b"\xff\xfea", "UTF-16")])
def test_a_file_that_cannot_be_read_is_refused_in_words(admin: Client, content: bytes, says: str) -> None:
    answer = admin.get(upload(admin, content=content))
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not Upload.objects.exists()


def test_choosing_no_file_or_an_empty_one_is_answered_in_words(admin: Client) -> None:
    assert "Choose a CSV file." in admin.post(UPLOAD).content.decode()
    assert "This file is empty." in admin.post(UPLOAD, {"file": SimpleUploadedFile("x.csv", b"")}).content.decode()


@pytest.mark.parametrize("step", ["", "report.csv"])
def test_a_preview_is_its_uploaders_alone(admin: Client, step: str) -> None:
    preview = upload(admin, *FORCE)
    other = Client()
    other.force_login(administrator("P901"))
    assert other.get(preview + step).status_code == 404


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_importing_answers_only_get_and_post(admin: Client, method: str) -> None:
    assert getattr(admin, method)(UPLOAD).status_code == 405


def test_somebody_who_is_no_administrator_cannot_import(client: Client) -> None:
    client.force_login(PersonFactory.create(is_staff=True))
    assert client.get(UPLOAD).status_code == 403


def test_importing_needs_signing_in(client: Client) -> None:
    assert client.get(UPLOAD).status_code == 302


def test_who_is_chosen_stands_in_the_box_by_name_and_number(admin: Client) -> None:
    person = PersonFactory.create(line_manager=PersonFactory.create(last_name="Griffiths", number="104477"))
    page = admin.get(page_of(person)).content.decode()
    assert f'<option value="{person.line_manager_id}" selected>{person.line_manager}</option>' in page


def test_people_can_be_searched_filtered_and_exported(admin: Client) -> None:
    load(*FORCE, actor=Person.objects.get(number="P900"))
    chosen = list(Person.objects.filter(last_name="O'Brien", number="200").values_list("pk", flat=True))
    answer = admin.post("/admin/people/person/?q=200&is_active__exact=1", EXPORT | {"_selected_action": chosen})
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[1] == "200,officer,Sergeant,Siân,O'Brien,p200@force.example,CN,100,yes"


@pytest.mark.parametrize("page", ["person", "unit", "post", "absence"])
def test_each_list_and_each_form_opens(admin: Client, page: str) -> None:
    for step in ("", "add/"):
        assert admin.get(f"/admin/people/{page}/{step}").status_code == 200


def test_a_change_is_a_fact_that_names_the_fields(admin: Client) -> None:
    person = PersonFactory.create()
    answer = admin.post(page_of(person), form_of(person, job_title="Response", groups=[Group.objects.get(name=Role.STORES).pk]))
    assert answer.status_code == 302
    fact = Fact.objects.for_subject(f"person:{person.pk}").get()
    assert (fact.kind, fact.data["fields"], fact.data["roles"]) == ("person.changed", ["groups", "job_title"], ["Stores"])


def test_an_administrator_cannot_give_themselves_a_role(admin: Client) -> None:
    me = Person.objects.get(number="P900")
    admin.post(page_of(me), form_of(me, groups=[Group.objects.get(name=Role.PROFESSIONAL_STANDARDS).pk]))
    assert set(me.groups.values_list("name", flat=True)) == {Role.ADMINISTRATOR}


def test_an_administrator_cannot_change_a_superuser(admin: Client) -> None:
    root = PersonFactory.create(is_superuser=True)
    admin.post(page_of(root), form_of(root, email="mine@force.example"))
    root.refresh_from_db()
    assert root.email != "mine@force.example"


def test_an_administrator_cannot_put_themselves_into_a_line_of_command(admin: Client) -> None:
    me, constable = Person.objects.get(number="P900"), PersonFactory(rank=10)
    admin.post(page_of(me), form_of(me, kind="officer", rank=60))
    me.refresh_from_db()
    assert (me.kind, me.rank) == ("staff", 0)
    refused = admin.post(page_of(constable), form_of(constable, line_manager=me.pk)).content.decode()
    assert "cannot make yourself a line manager" in refused
    Person.objects.filter(pk=constable.pk).update(line_manager=me)  # by somebody else: other fields can still be changed
    constable.refresh_from_db()
    assert admin.post(page_of(constable), form_of(constable, job_title="Response")).status_code == 302


def test_an_administrator_cannot_make_themselves_a_deputy(admin: Client) -> None:
    me, other = Person.objects.get(number="P900"), PersonFactory.create()
    form = {
        "person": PersonFactory.create().pk,
        "starts_at_0": "2026-11-23",
        "starts_at_1": "09:00",
        "ends_at_0": "2026-11-30",
        "ends_at_1": "09:00",
    }
    address = reverse("admin:people_absence_add")
    assert "cannot make yourself a deputy" in admin.post(address, form | {"deputy": me.pk}).content.decode()
    assert not Absence.objects.exists()
    assert admin.post(address, form | {"deputy": other.pk}).status_code == 302
    assert Absence.objects.get().deputy == other


def test_an_administrator_cannot_put_themselves_at_a_desk(admin: Client) -> None:
    post = desk()
    inline = {
        "postmember_set-TOTAL_FORMS": 1,
        "postmember_set-INITIAL_FORMS": 0,
        "postmember_set-0-person": "",
        "postmember_set-0-post": post.pk,
    }
    inline |= {f"{prefix}-{total}_FORMS": 0 for prefix in ("rota", "covers") for total in ("TOTAL", "INITIAL")}
    form = {"code": post.code, "name": post.name, "email": ""} | inline
    me, other = Person.objects.get(number="P900"), PersonFactory.create()
    address = reverse("admin:people_post_change", args=[post.pk])
    assert "cannot put yourself at a desk" in admin.post(address, form | {"postmember_set-0-person": me.pk}).content.decode()
    assert admin.post(address, form | {"postmember_set-0-person": other.pk}).status_code == 302
    assert list(Post.objects.get(pk=post.pk).members.all()) == [other]
    assert Fact.objects.for_subject(f"post:{post.pk}").get().data["members"] == [str(other.pk)]


def test_a_membership_begins_when_somebody_is_put_there_in_a_row_of_before_too(admin: Client) -> None:
    post, (one, stays, other) = desk(), PersonFactory.create_batch(3)
    members = [PostMember.objects.create(post=post, person=person, since=None) for person in (one, stays)]
    form = {"code": post.code, "name": post.name, "email": "", "postmember_set-TOTAL_FORMS": 2, "postmember_set-INITIAL_FORMS": 2}
    form |= {f"{prefix}-{total}_FORMS": 0 for prefix in ("rota", "covers") for total in ("TOTAL", "INITIAL")}
    for place, (member, person) in enumerate(zip(members, (other, stays), strict=True)):
        form |= {f"postmember_set-{place}-{name}": value for name, value in (("id", member.pk), ("post", post.pk), ("person", person.pk))}
    before = timezone.now()
    assert admin.post(reverse("admin:people_post_change", args=[post.pk]), form).status_code == 302
    PostMember.objects.create(post=post, person=one)
    assert {member.person for member in PostMember.objects.filter(since__gt=before)} == {other, one}
    assert PostMember.objects.get(person=stays).since is None


def test_nobody_is_put_under_somebody_who_is_under_them(admin: Client) -> None:
    constable, sergeant = line(10, 20)
    answer = admin.post(page_of(sergeant), form_of(sergeant, line_manager=constable.pk))
    assert "The line of command would go round." in answer.content.decode()


def test_units_and_posts_are_never_deleted_for_the_page_would_list_reports() -> None:
    client = Client()
    client.force_login(PersonFactory(is_staff=True, is_superuser=True))
    for address in (f"/admin/people/post/{desk().pk}/delete/", f"/admin/people/unit/{UnitFactory().pk}/delete/"):
        assert client.get(address).status_code == 403


def test_people_are_never_deleted(admin: Client) -> None:
    assert admin.post(reverse("admin:people_person_delete", args=[PersonFactory.create().pk])).status_code == 403


def test_roles_open_no_report_content() -> None:
    allowed = Group.objects.get(name=Role.ADMINISTRATOR).permissions.values_list("content_type__app_label", "content_type__model")
    assert {model for label, model in allowed if label == "reporting"} == {
        "escalationpolicy",
        "escalationrung",
        "outsideroute",
        "promiseterms",
        "checklistitem",
    }
    assert not {label for label, _ in allowed} & {"vault", "record", "auth"}


@pytest.mark.parametrize(
    ("ends", "stands_in", "why"),
    [("2027-01-03", False, "The absence must end after it starts."), ("2027-01-09", True, "Nobody stands in for themselves.")],
    ids=["ends before it starts", "own deputy"],
)
def test_an_absence_that_cannot_be_is_refused_in_words_alone(admin: Client, ends: str, stands_in: bool, why: str) -> None:
    person = str(PersonFactory().pk)
    away = {"person": person, "starts_at_0": "2027-01-04", "starts_at_1": "07:00", "ends_at_0": ends, "ends_at_1": "17:00"}
    page = admin.post("/admin/people/absence/add/", away | ({"deputy": person} if stands_in else {})).content.decode()
    assert why in page
    assert "is violated" not in page
    assert not Absence.objects.exists()


def test_an_absence_and_a_unit_changed_by_hand_are_facts(admin: Client) -> None:
    person, deputy, unit = PersonFactory.create(), PersonFactory.create(), UnitFactory.create()
    away = {"person": person.pk, "deputy": deputy.pk, "starts_at_0": "2027-01-04", "starts_at_1": "09:00"}
    admin.post("/admin/people/absence/add/", away | {"ends_at_0": "2027-01-08", "ends_at_1": "17:00"})
    absence = Absence.objects.get()
    admin.post(f"/admin/people/absence/{absence.pk}/delete/", {"post": "yes"})
    told = list(Fact.objects.for_subject(f"absence:{absence.pk}"))
    assert [fact.kind for fact in told] == ["absence.recorded", "absence.removed"]
    assert (told[0].data["person"], told[0].data["deputy"]) == (str(person.pk), str(deputy.pk))
    admin.post(f"/admin/people/unit/{unit.pk}/change/", {"code": unit.code, "name": unit.name, "led_by": person.pk})
    assert Fact.objects.for_subject(f"unit:{unit.pk}").get().data["led_by"] == str(person.pk)

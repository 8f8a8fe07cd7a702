from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from guidance.drafting import draft
from guidance.models import Acknowledgement, Document, State, Version
from guidance.tests.making import TEXT, in_days, make_document, make_published, make_submitted, officer, wording
from guidance.tests.test_acknowledging import press
from portal.people.models import Person, Role

pytestmark = pytest.mark.django_db
VERSIONS = "/admin/guidance/version/"
PAGES = ["preview", "changes", "submit", "publish", "send-back"]


def with_role(*roles: Role) -> Person:
    person = officer(is_staff=True)
    person.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return person


@pytest.fixture
def author() -> Person:
    return with_role(Role.GUIDANCE_AUTHOR)


@pytest.fixture
def approver() -> Person:
    return with_role(Role.GUIDANCE_APPROVER)


@pytest.fixture
def as_person(client: Client) -> Callable[[Person], Client]:
    def sign_in(person: Person) -> Client:
        client.force_login(person)
        return client

    return sign_in


def sent(**changes: Any) -> dict[str, Any]:
    given = {"summary": "New.", "text": TEXT, "sentence": "I have read it.", "acknowledge_by": in_days(7).isoformat()}
    return {**given, **changes}


def make_draft(author: Person) -> Version:
    return draft(document_id=make_document().pk, author=author, wording=wording())


def test_what_an_author_wrote_comes_back_after_signing_in_again(client: Client, author: Person, settings: Any) -> None:
    address, password = f"{VERSIONS}add/", "a long enough password"
    author.set_password(password)
    author.save()

    def sign_in() -> None:
        client.post("/accounts/login/", {"login": author.email, "password": password, "next": address})

    sign_in()
    del client.cookies[settings.SESSION_COOKIE_NAME]
    client.post(address, sent(document=make_document().pk, text="What took a whole evening", summary="New <b>words</b>"))
    sign_in()
    page = client.get(address).content.decode()
    assert "What took a whole evening</textarea>" in page
    assert "New &lt;b&gt;words&lt;/b&gt;" in page
    assert re.search(r'<option value="\d+" selected>', page)


def test_an_author_writes_a_draft(as_person: Any, author: Person) -> None:
    document = make_document()
    unit = officer().unit
    assert unit is not None
    client = as_person(author)
    assert client.get(f"{VERSIONS}add/").status_code == 200
    response = client.post(f"{VERSIONS}add/", sent(document=document.pk, units=[unit.pk], ranks=["20"], kinds=["staff"]))
    assert response.status_code == 302
    version = Version.objects.get()
    assert (version.author, version.state, version.number) == (author, State.DRAFT, 1)
    assert (version.units, version.ranks, version.kinds) == ([unit.pk], [20], ["staff"])


def test_a_new_draft_is_called_by_its_number(as_person: Any, author: Person) -> None:
    document = make_document(title="The Code")
    page = as_person(author).post(f"{VERSIONS}add/", sent(document=document.pk), follow=True).content.decode()
    assert "The Code, version 1" in page
    assert "version None" not in page


def test_an_author_changes_a_draft_but_nothing_later(as_person: Any, author: Person) -> None:
    version, client = make_draft(author), as_person(author)
    assert client.post(f"{VERSIONS}{version.pk}/change/", sent(text="Other words")).status_code == 302
    version.refresh_from_db()
    assert version.text == "Other words"
    submitted = make_submitted(make_document("other"))
    assert client.post(f"{VERSIONS}{submitted.pk}/change/", sent(text="Other words")).status_code == 403


def test_a_draft_is_deleted_and_a_published_version_is_not(as_person: Any, author: Person) -> None:
    version, published, client = make_draft(author), make_published(make_document("other")), as_person(author)
    assert client.post(f"{VERSIONS}{version.pk}/delete/", {"post": "yes"}).status_code == 302
    assert client.post(f"{VERSIONS}{published.pk}/delete/", {"post": "yes"}).status_code == 403
    assert list(Version.objects.all()) == [published]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"acknowledge_by": ""}, "This field is required."),
        ({"acknowledge_by": "1970-01-01"}, "Enter a day from today to a year from now."),
        ({"acknowledge_by": "2999-01-01"}, "Enter a day from today to a year from now."),
        ({"acknowledge_by": "31/31/31"}, "Enter a valid date."),
        ({"text": ""}, "This field is required."),
        ({"text": "a\0b"}, "Null characters are not allowed."),
        ({"text": "x" * 100_001}, "Shorten the text to 100,000 characters."),
        ({"sentence": "x" * 301}, "Ensure this value has at most 300 characters"),
        ({"ranks": ["7"]}, "Select a valid choice."),
        ({"units": ["0"]}, "Select a valid choice."),
    ],
)
def test_a_bad_draft_gets_a_sentence(as_person: Any, author: Person, changes: dict[str, Any], sentence: str) -> None:
    response = as_person(author).post(f"{VERSIONS}add/", sent(document=make_document().pk, **changes))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not Version.objects.exists()


def test_a_second_draft_of_one_document_gets_a_sentence(as_person: Any, author: Person) -> None:
    version = make_draft(author)
    response = as_person(author).post(f"{VERSIONS}add/", sent(document=version.document_id))
    assert "not published yet" in response.content.decode()


def test_submitting_and_publishing_take_two_people(as_person: Any, author: Person, approver: Person) -> None:
    version = make_draft(author)
    client = as_person(author)
    assert "Submit for approval" in client.get(f"{VERSIONS}{version.pk}/submit/").content.decode()
    client.post(f"{VERSIONS}{version.pk}/submit/")
    version.refresh_from_db()
    assert version.state == State.SUBMITTED
    assert client.post(f"{VERSIONS}{version.pk}/publish/", {"text_hash": version.text_hash}).status_code == 403
    client = as_person(approver)
    confirm = client.get(f"{VERSIONS}{version.pk}/publish/").content.decode()
    assert version.text_hash in confirm
    assert "cannot be changed or taken back" in confirm
    client.post(f"{VERSIONS}{version.pk}/publish/", {"text_hash": version.text_hash})
    version.refresh_from_db()
    assert (version.state, version.approver) == (State.PUBLISHED, approver)


def test_somebody_who_is_author_and_approver_is_told_why_not(as_person: Any) -> None:
    both = with_role(Role.GUIDANCE_AUTHOR, Role.GUIDANCE_APPROVER)
    version = make_submitted(make_document(), both)
    response = as_person(both).post(f"{VERSIONS}{version.pk}/publish/", {"text_hash": version.text_hash}, follow=True)
    assert "You wrote this version. Somebody else must approve it." in response.content.decode()


def test_publishing_another_text_than_was_shown_is_refused(as_person: Any, approver: Person) -> None:
    version = make_submitted(make_document())
    response = as_person(approver).post(f"{VERSIONS}{version.pk}/publish/", {"text_hash": "0" * 64}, follow=True)
    assert "The text changed after you opened it." in response.content.decode()


def test_publishing_twice_says_what_it_is(as_person: Any, approver: Person) -> None:
    version = make_published()
    response = as_person(approver).post(f"{VERSIONS}{version.pk}/publish/", {"text_hash": version.text_hash}, follow=True)
    assert "It is: published." in response.content.decode()


def test_an_approver_sends_a_version_back(as_person: Any, approver: Person) -> None:
    version = make_submitted(make_document())
    as_person(approver).post(f"{VERSIONS}{version.pk}/send-back/")
    version.refresh_from_db()
    assert version.state == State.DRAFT


def test_the_change_page_offers_the_steps_a_person_can_take(as_person: Any, author: Person, approver: Person) -> None:
    version = make_draft(author)
    assert "../submit/" in as_person(author).get(f"{VERSIONS}{version.pk}/change/").content.decode()
    shown = as_person(approver).get(f"{VERSIONS}{version.pk}/change/").content.decode()
    assert "../submit/" not in shown
    assert f"{VERSIONS}{version.pk}/preview/" in shown


def test_the_preview_shows_the_page_without_the_button(as_person: Any, approver: Person) -> None:
    first = make_published()
    second = make_submitted(first.document, text="## Purpose\n\nYou must use WhatsApp with permission.")
    client = as_person(approver)
    shown = client.get(f"{VERSIONS}{second.pk}/preview/").content.decode()
    assert "This is a preview" in shown
    assert "You must use WhatsApp" in shown
    assert "Acknowledge</button>" not in shown
    assert "<ins>" in client.get(f"{VERSIONS}{second.pk}/changes/").content.decode()
    assert "This is the first version" in client.get(f"{VERSIONS}{first.pk}/changes/").content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_other_people_get_none_of_it(as_person: Any, page: str) -> None:
    version = make_submitted(make_document())
    address = f"{VERSIONS}{version.pk}/{page}/"
    assert as_person(with_role(Role.AUDITOR)).get(address).status_code == 403
    assert as_person(officer()).get(address).status_code == 302
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_a_version_that_is_not_there_is_a_404_and_another_method_is_refused(as_person: Any, page: str) -> None:
    client = as_person(with_role(Role.GUIDANCE_AUTHOR, Role.GUIDANCE_APPROVER))
    assert client.get(f"{VERSIONS}99/{page}/").status_code == 404
    assert client.put(f"{VERSIONS}{make_submitted(make_document()).pk}/{page}/").status_code == 405


@pytest.mark.parametrize("role", [Role.GUIDANCE_AUTHOR, Role.GUIDANCE_APPROVER])
def test_who_owns_a_document_is_no_link_for_who_may_not_look_people_up(as_person: Any, role: Role) -> None:
    document = make_document()
    document.owner = officer()
    document.save()
    page = as_person(with_role(role)).get(f"/admin/guidance/document/{document.pk}/change/").content.decode()
    assert document.owner.name in page
    assert "/admin/people/" not in page


def test_an_author_does_not_choose_who_owns_a_document(as_person: Any, author: Person) -> None:
    document, owner = make_document(), officer()
    document.owner = owner
    document.save()
    client = as_person(author)
    assert "/admin/people/" not in client.get("/admin/guidance/document/add/").content.decode()
    changed = {"title": document.title, "slug": document.slug, "owner": ""}
    assert client.post(f"/admin/guidance/document/{document.pk}/change/", changed).status_code == 302
    document.refresh_from_db()
    assert document.owner == owner


def test_an_administrator_chooses_who_owns_a_document(as_person: Any) -> None:
    document, owner = make_document(), officer()
    client = as_person(with_role(Role.ADMINISTRATOR))
    changed = {"title": document.title, "slug": document.slug, "owner": str(owner.pk)}
    assert client.post(f"/admin/guidance/document/{document.pk}/change/", changed).status_code == 302
    document.refresh_from_db()
    assert document.owner == owner


def test_an_administrator_opens_and_withdraws_documents(as_person: Any) -> None:
    client = as_person(with_role(Role.ADMINISTRATOR))
    assert client.post("/admin/guidance/document/add/", {"title": "A note", "slug": "a-note", "owner": ""}).status_code == 302
    document = Document.objects.get()
    assert "A note" in client.get("/admin/guidance/document/").content.decode()
    client.post("/admin/guidance/document/", {"action": "withdraw_documents", "_selected_action": [document.pk]})
    document.refresh_from_db()
    assert document.withdrawn_at is not None


def test_a_document_s_address_and_title_stay_once_it_is_published(as_person: Any, author: Person) -> None:
    version = make_published()
    as_person(author).post(f"/admin/guidance/document/{version.document_id}/change/", {"title": "Other", "slug": "other", "owner": ""})
    assert Document.objects.get().title == "The Code"


def test_acknowledgements_can_be_looked_up_and_nothing_else(as_person: Any, author: Person) -> None:
    press(officer(), make_published())
    client = as_person(author)
    assert "The Code, version 1" in client.get("/admin/guidance/acknowledgement/").content.decode()
    assert client.get("/admin/guidance/acknowledgement/add/").status_code == 403
    assert client.get("/admin/guidance/version/").status_code == 200
    assert as_person(with_role(Role.STORES)).get("/admin/guidance/acknowledgement/").status_code == 403


def test_a_version_in_words_names_its_audience(author: Person) -> None:
    everyone, some = make_published(), make_published(make_document("some"), ranks=[20, 30], kinds=["officer"])
    assert (everyone.audience, some.audience) == ("Everyone", "Sergeant, Inspector; Officer")
    assert not everyone.may_become(State.DRAFT)


@pytest.mark.parametrize("model", ["document", "version", "acknowledgement"])
def test_lists_are_exported_as_csv(as_person: Any, author: Person, model: str) -> None:
    version = make_published()
    press(officer(), version)
    chosen = {"document": version.document_id, "version": version.pk, "acknowledgement": Acknowledgement.objects.get().pk}[model]
    response = as_person(author).post(f"/admin/guidance/{model}/", {"action": "export_as_csv", "_selected_action": [chosen]})
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert "The Code" in lines[1]

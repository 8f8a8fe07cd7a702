"""Each thing that can go wrong has a calm page, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.test import Client, RequestFactory
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from psycopg.errors import ReadOnlySqlTransaction

from portal.people import browsers
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.ui import errors, fields, middleware, resuming

pytestmark = pytest.mark.django_db


class Words(forms.Form):
    said = fields.CleanTextField(label="What it said", max_length=500, long=True)
    where = forms.ChoiceField(label="Where", choices=[("group", "A group"), ("one", "One person")], widget=fields.Radios)
    app = forms.ChoiceField(label="App", choices=[("", "Choose"), ("w", "WhatsApp"), ("s", "Signal")])
    sure = forms.BooleanField(label="Sure", required=False)
    name = fields.CleanTextField(label="Name", max_length=50, required=False)


def words(request: HttpRequest) -> HttpResponse:
    form = Words(request.POST or None)
    if form.is_valid():
        return redirect("/help/")
    return render(request, "legal/test_form.html", {"form": form})


def read_only(request: HttpRequest) -> HttpResponse:
    problem = InternalError("read only")
    problem.__cause__ = ReadOnlySqlTransaction()
    raise problem


def failing(kind: type[Exception]) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise kind("no")

    return view


handler400, handler403 = "portal.ui.errors.bad_request", "portal.ui.errors.permission_denied"
handler404, handler500 = "portal.ui.errors.page_not_found", "portal.ui.errors.server_error"
urlpatterns = [
    path("words/", words),
    path("only-post/", require_POST(words)),
    path("a-file/", lambda _: HttpResponse("said\n", content_type="text/csv")),
    path("not-yours/", failing(Http404)),
    path("for-machines/", csrf_exempt(login_not_required(failing(Http404)))),
    path("read-only/", read_only),
    path("away/", failing(OperationalError)),
    path("odd/", failing(SuspiciousOperation)),
    path("big/", failing(RequestDataTooBig)),
    path("forbidden/", failing(PermissionDenied)),
    path("broken/", failing(ValueError)),
    path("accounts/", include("portal.people.urls")),
    path("", include("portal.ui.urls")),
]

TYPED = {"said": 'He said "<no>" & left', "where": "one", "app": "s", "sure": "on", "name": "Émilie 😀"}
PASSWORD = "a long enough password"


def sign_in(client: Client, person: Person, after: str = "/words/") -> Any:
    return client.post("/accounts/login/", {"login": person.email, "password": PASSWORD, "next": after})


@pytest.fixture(autouse=True)
def _own_addresses(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "legal").mkdir()
    (tmp_path / "legal" / "test_form.html").write_text(
        '{% extends "base.html" %}{% block content %}<h1>Words</h1><form method="post">{% csrf_token %}{{ form }}'
        "<button>Send</button></form>{% endblock %}"
    )
    settings.ROOT_URLCONF = __name__
    engine = {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}
    settings.TEMPLATES = [engine]


def with_password() -> Person:
    person: Person = PersonFactory()
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def officer() -> Person:
    return with_password()


@pytest.fixture
def colleague() -> Person:
    return with_password()


@pytest.fixture
def signed_in(client: Client, officer: Person) -> Client:
    client.force_login(officer)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/nowhere/", 404, "There is nothing here for you"),
        ("/odd/", 400, "Nothing was saved"),
        ("/big/", 413, "That is too much at once"),
        ("/forbidden/", 403, "Nothing was changed"),
        ("/broken/", 500, "Something went wrong here"),
        ("/read-only/", 503, "Nothing can be saved just now"),
        ("/away/", 503, "Nothing can be saved just now"),
    ],
)
def test_each_failure_has_its_page(signed_in: Client, address: str, status: int, sentence: str) -> None:
    answer = signed_in.get(address)
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert 'class="app-header"' in answer.content.decode()


def test_somebody_not_signed_in_sees_nothing_of_what_exists(client: Client) -> None:
    assert client.get("/nowhere/").status_code == 404
    assert client.get("/words/").headers["Location"].startswith("/accounts/login/")


def test_what_was_written_to_what_is_not_ones_own_any_more_is_shown_to_be_copied(signed_in: Client) -> None:
    answer = signed_in.post("/not-yours/", {"said": "Something long enough to be worth copying", "where": "one"})
    assert answer.status_code == 404
    assert '<div class="app-quoted">Something long enough to be worth copying</div>' in answer.content.decode()


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("address", ["/for-machines/", "/nowhere/"])
def test_what_is_no_form_gets_the_same_page(signed_in: Client, settings: Any, address: str, kind: str) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert signed_in.post(address, b"x" * 20, content_type=kind).status_code == 404


def test_what_was_sent_to_no_address_is_not_read(signed_in: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    answer = signed_in.post("/nowhere/", {"said": "Something long enough to be worth copying"})
    assert answer.status_code == 404
    assert "worth copying" not in answer.content.decode()


def test_a_read_only_database_says_so_and_shows_what_was_typed(signed_in: Client) -> None:
    key = "1e6f8371-5a6e-43a3-a4ed-bfb028811e59"
    html = signed_in.post("/read-only/", {"said": "Something long enough to be worth copying", "draft": key}).content.decode()
    assert "Nothing of this was saved" in html
    assert '<input type="hidden" name="said" value="Something long enough to be worth copying">' in html
    assert '<div class="app-quoted">Something long enough to be worth copying</div>' in html
    assert f'name="draft" value="{key}"' in html
    assert f'<div class="app-quoted">{key}</div>' not in html, "nobody wrote the key"


def test_the_page_about_a_failure_asks_nothing_of_a_database_that_is_away(rf: RequestFactory) -> None:
    try:
        raise OperationalError("gone")
    except OperationalError:
        answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 503


def test_the_page_about_a_failure_never_fails(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "assets", lambda: 1 / 0)
    answer = errors.server_error(rf.get("/"))
    assert (answer.status_code, "Something went wrong here" in answer.content.decode()) == (500, True)


@pytest.mark.parametrize(("problem", "away"), [(OperationalError(), True), (DatabaseError(), False), (ValueError(), False), (None, False)])
def test_only_a_database_that_is_away_counts_as_away(problem: Exception | None, away: bool) -> None:
    assert errors.is_database_away(problem) is away


@pytest.fixture
def known(client: Client, officer: Person) -> Client:
    """A browser on which the officer was signed in until just now."""
    sign_in(client, officer)
    del client.cookies[settings.SESSION_COOKIE_NAME]
    return client


def test_what_was_typed_comes_back_after_signing_in_again(known: Client, officer: Person) -> None:
    assert known.post("/words/", TYPED).headers["Location"] == "/accounts/login/?next=/words/"
    assert "the page comes back with what you wrote" in known.get("/accounts/login/").content.decode()
    assert sign_in(known, officer).headers["Location"] == "/words/"
    html = known.get("/words/").content.decode()
    assert "He said &quot;&lt;no&gt;&quot; &amp; left</textarea>" in html
    assert 'value="Émilie 😀"' in html
    assert html.count(" checked") == 2
    assert 'value="s" selected' in html
    assert middleware.BACK_AGAIN in html


def test_what_was_typed_comes_back_once(known: Client, officer: Person) -> None:
    known.post("/words/", TYPED)
    known.force_login(officer)
    assert "Émilie" in known.get("/words/").content.decode()
    assert "Émilie" not in known.get("/words/").content.decode()


@pytest.mark.parametrize("address", ["/only-post/", "/nowhere/", "/a-file/"])
def test_what_was_typed_for_an_address_without_a_page_is_shown_and_can_be_sent(known: Client, officer: Person, address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = known.cookies
    said = "Something long enough to be worth copying"
    known.post("/only-post/", {**TYPED, "said": said})
    kept = {**known.session[resuming.SESSION], "path": address}
    session = known.session
    session[resuming.SESSION] = kept
    session.save()
    sign_in(known, officer, address)
    html = known.get(address).content.decode()
    assert middleware.BACK_AGAIN in html
    assert f'action="{address}"' in html
    assert f'name="said" value="{said}"' in html
    assert f'<div class="app-quoted">{said}</div>' in html
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)
    assert token is not None
    sent = strict.post("/only-post/", {"csrfmiddlewaretoken": token[1], **TYPED, "said": said})
    assert sent.headers["Location"] == "/help/"


def test_what_was_typed_waits_while_its_writer_looks_at_another_page(known: Client, officer: Person) -> None:
    known.post("/words/", TYPED)
    known.force_login(officer)
    known.get("/help/")
    assert "Émilie" in known.get("/words/").content.decode()


def test_a_colleague_who_signs_in_next_is_shown_nothing_of_it_and_it_is_destroyed(
    known: Client, colleague: Person, officer: Person
) -> None:
    known.post("/words/", TYPED)
    sign_in(known, colleague)
    assert "Émilie" not in known.get("/help/").content.decode()
    assert resuming.SESSION not in known.session
    assert "Émilie" not in known.get("/words/").content.decode()
    sign_in(known, officer)
    assert "Émilie" not in known.get("/words/").content.decode()


def test_nothing_is_kept_where_nobody_was_known(client: Client, officer: Person) -> None:
    client.post("/words/", TYPED)
    assert resuming.SESSION not in client.session
    assert resuming.COOKIE not in client.cookies
    assert "the page comes back" not in client.get("/accounts/login/").content.decode()


def test_a_mark_that_the_portal_did_not_make_names_nobody(client: Client) -> None:
    client.cookies[browsers.COOKIE] = "made.up:by:somebody"
    client.post("/words/", TYPED)
    assert resuming.SESSION not in client.session


def test_the_mark_of_a_browser_says_nothing_about_the_person_and_differs_everywhere(known: Client, officer: Person) -> None:
    first, cookie = known.cookies[browsers.COOKIE].value, known.cookies[browsers.COOKIE]
    assert not any(known_by in first for known_by in (str(officer.pk), officer.pk.hex, officer.email, officer.number))
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", browsers.SECONDS)
    other = Client()
    sign_in(other, officer)
    assert other.cookies[browsers.COOKIE].value != first


def test_what_was_typed_is_sealed_where_it_waits(known: Client) -> None:
    known.post("/words/", TYPED)
    assert "He said" not in str(dict(known.session))
    assert set(known.session[resuming.SESSION]) == {"path", "whose", "sealed"}


def test_another_browser_gets_nothing_back(known: Client, officer: Person) -> None:
    known.post("/words/", TYPED)
    known.force_login(officer)
    known.cookies[resuming.COOKIE] = "not-the-key"
    assert "Émilie" not in known.get("/words/").content.decode()


def test_passwords_are_never_kept(rf: RequestFactory) -> None:
    request = rf.post("/words/", {"password1": "secret", "said": "x", "csrfmiddlewaretoken": "y"})
    assert resuming.typed(request) == [("said", "x")]


@pytest.mark.parametrize(
    ("address", "data"),
    [("/accounts/login/", {"login": "x"}), ("/admin/people/unit/", {"action": "x"}), ("/words/", {}), ("/words/", {"said": "x" * 200_001})],
)
def test_some_posts_are_not_worth_keeping(rf: RequestFactory, address: str, data: dict[str, str]) -> None:
    assert resuming.worth_keeping(rf.post(address, data)) is False


def test_a_form_older_than_the_sign_in_comes_back_filled(officer: Person) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officer)
    stale = browser.post("/words/", {**TYPED, "csrfmiddlewaretoken": "stale"})
    assert (stale.status_code, stale.headers["Location"]) == (302, "/words/")
    assert "Émilie" in browser.get("/words/").content.decode()


def test_a_forged_form_from_somebody_not_signed_in_is_refused() -> None:
    answer = Client(enforce_csrf_checks=True).post("/words/", TYPED)
    assert answer.status_code == 403
    assert "This page had been open too long" in answer.content.decode()

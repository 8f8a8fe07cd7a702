from __future__ import annotations

from html import unescape

import pytest
from django.db import transaction
from django.test import Client

from portal.people.tests.factories import PersonFactory
from portal.record import published
from portal.record.appending import append, process_actor
from portal.record.keeping import Keeper
from portal.record.models import Checkpoint


@pytest.mark.django_db
def test_an_empty_record_says_so_to_anybody(client: Client) -> None:
    page = client.get("/record/")
    assert page.status_code == 200
    assert "Nothing has been signed yet." in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_page_shows_size_root_and_keys_and_no_subject(client: Client, keeper: Keeper) -> None:
    with transaction.atomic():
        append(kind="report.sent", subject="report:secret-key", actor=process_actor("test"))
    keeper.round()
    page = client.get("/record/").content.decode()
    assert Checkpoint.objects.get().root_hex in page
    assert all(key in unescape(page) for key in published.trusted_keys())
    assert "secret-key" not in page


@pytest.mark.django_db(transaction=True)
def test_the_page_says_how_much_is_not_signed_yet(client: Client, keeper: Keeper) -> None:
    keeper.round()
    assert "Nothing</dd>" in client.get("/record/").content.decode()
    with transaction.atomic():
        append(kind="report.sent", subject="report:a", actor=process_actor("test"))
    assert "1 fact, the oldest for 0 seconds" in client.get("/record/").content.decode()


@pytest.mark.django_db
def test_a_stranger_s_page_may_be_cached_for_all_and_a_reader_s_for_them_alone(client: Client) -> None:
    page = client.get("/record/")
    assert page["Cache-Control"] == "max-age=2, public"
    assert "Cookie" in page["Vary"]
    assert not page.cookies
    client.force_login(PersonFactory.create())
    page = client.get("/record/")
    assert page["Cache-Control"] == "max-age=2, private"


@pytest.mark.django_db
def test_the_record_is_only_read(client: Client) -> None:
    assert client.post("/record/").status_code == 405

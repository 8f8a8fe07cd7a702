from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import transaction
from django.test import Client

from portal.record.appending import append, process_actor
from portal.record.models import TreeHead
from portal.record.sequencing import sequence


@pytest.mark.django_db
def test_an_empty_record_says_so_to_anybody(client: Client) -> None:
    page = client.get("/record/")
    assert page.status_code == 200
    assert "Nothing has been recorded yet." in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_page_shows_size_and_root_and_no_subject(client: Client, sequencer_connection: psycopg.Connection[Any]) -> None:
    with transaction.atomic():
        append(kind="report.sent", subject="report:secret-key", actor=process_actor("test"))
    sequence(sequencer_connection)
    page = client.get("/record/").content.decode()
    assert TreeHead.objects.get().root_hex in page
    assert "secret-key" not in page


@pytest.mark.django_db
def test_the_record_is_only_read(client: Client) -> None:
    assert client.post("/record/").status_code == 405

from __future__ import annotations

import pytest
from django.test import Client

from portal.record.verify_views import VERIFIER


@pytest.mark.django_db
def test_anybody_may_open_the_page_that_checks_receipts(client: Client) -> None:
    page = client.get("/record/verify/")
    assert page.status_code == 200
    assert "python3 candour_verify.py my.receipt.json" in page.content.decode()
    assert "This record has no keys yet." in page.content.decode()
    assert "<noscript>" in page.content.decode()
    assert "Checking on this page needs JavaScript. Without it, use candour_verify.py as below." in page.content.decode()
    assert "built/verify.js" in page.content.decode()


@pytest.mark.django_db
def test_the_page_takes_no_file(client: Client) -> None:
    assert client.post("/record/verify/", {"file": "x"}).status_code == 405


@pytest.mark.django_db
def test_the_verifier_is_given_away_as_it_is(client: Client) -> None:
    answer = client.get("/record/candour_verify.py")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/x-python; charset=utf-8"
    assert answer.content == VERIFIER.read_bytes()
    assert client.post("/record/candour_verify.py").status_code == 405

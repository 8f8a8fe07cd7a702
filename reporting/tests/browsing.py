"""Pages as somebody who is signed in reads them."""

from __future__ import annotations

import html
from typing import Any

from django.test import Client

from portal.people.models import Person
from reporting.tests.making import standards_officer


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def reader_in(room: str, people: list[Person]) -> Client:
    """Who reads the fixture `report` in this room: its reporter in "reports", its holder in "duties", else professional standards."""
    return signed_in({"reports": people[0], "duties": people[2]}.get(room) or standards_officer())


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def in_one_line(response: Any) -> str:
    """`text`, for sentences that the template breaks."""
    return " ".join(text(response).split())

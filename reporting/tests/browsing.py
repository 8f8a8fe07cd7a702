"""Pages as somebody who is signed in reads them."""

from __future__ import annotations

import html
from typing import Any

from django.test import Client

from portal.people.models import Person


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def in_one_line(response: Any) -> str:
    """`text`, for sentences that the template breaks."""
    return " ".join(text(response).split())

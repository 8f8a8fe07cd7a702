"""Everything that one officer can fetch: every address of the portal that has no parameter, whatever a page links to, the admin's lists
and files, searches for the people involved, their notices, and the addresses of the report itself, should somebody know its reference."""

from __future__ import annotations

import html
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from portal.notices.models import Outbox
from portal.people.models import Person
from tests.interference.lives import Told
from tests.interference.masking import HEADERS, masked

ELSEWHERE = "203.0.113.7"  # figures for machines are given to this machine alone
MOST_ALIKE = 2  # pages at addresses that differ in a key or a number alone: one more of those shows in the page that links to them
SHAPE = re.compile(r"MR-[2-9A-Z-]{9}|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+")
LINK = re.compile(r'(?:href|src)="([^"]*)"')
CHOSEN = re.compile(r'name="_selected_action" value="([^"]*)"')
# Of the admin, filters that are put together and single sessions are left out.
LEFT_OUT = re.compile(
    r"^/(?:accounts/(?:logout|2fa)|static/|admin/(?:logout|jsi18n)|admin/(?!notices/outbox/)[^?]*\?.*&)"
    r"|^/admin/(?:mfa|usersessions)/[^/]+/."
    r"|_popup=|_changelist_filters=|[?&][oe]="
)
# Beside those in links: searches for who reported, who holds it and who is in it, and the filters that lists offer.
QUESTIONS = (
    *("/standards/?q={reference}", "/standards/?unit=CN", "/standards/?state=open", "/standards/?deadline=overdue"),
    *("/standards/?deadline=missed", "/standards/?category=racist", "/duties/?state=ended", "/duties/?state=overdue", "/duties/?unit=CN"),
    *("/admin/notices/outbox/?q={name}", "/admin/notices/outbox/?state__exact=failed"),
    *("/admin/notices/outbox/?q={reference}", "/reports/?page=2"),
)
CHOICE = re.compile(r"(?<==)[^=]*$")
PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Answer:
    """What came back, masked."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


def fetched_by(person: Person, told: Told) -> dict[str, Answer]:
    """The masked answers of everything, by what was asked for."""
    client = signed_in(person)
    found = {f"GET {masked(address)} #{place}": get for place, (address, get) in enumerate(_walk(client, told))}
    found |= {f"CSV {address}": answer for address, answer in _exports(client)}
    for address in addresses_of(told):
        found[f"GET {address}"], found[f"POST {address}"] = answer_of(client.get(address)), answer_of(client.post(address))
    found["notices"] = Answer(200, (), masked("\n".join(_notices(person))))
    return found


def signed_in(person: Person) -> Client:
    client = Client(REMOTE_ADDR=ELSEWHERE)
    client.force_login(person, backend="portal.people.signin.PersonBackend")
    return client


def answer_of(response: Any) -> Answer:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    shown = ((name, masked(response.headers[name])) for name in HEADERS if name in response.headers)
    return Answer(response.status_code, tuple(shown), masked(body.decode(errors="replace")))


def plain_addresses() -> list[str]:
    return sorted({f"/{address}" for address in _patterns(get_resolver().url_patterns) if "<" not in address and "(" not in address})


def addresses_of(told: Told) -> list[str]:
    """Every address of the portal that a reference, a file, a question, a receipt or a draft of the report fits into."""
    every = _patterns(get_resolver().url_patterns)
    fitting = [pattern for pattern in every if "<" in pattern and not pattern.startswith(("admin/", "record/"))]
    found = [_filled(pattern, told, reference) for reference in told.references for pattern in fitting]
    return list(dict.fromkeys(found + [f"/receipts/{fact}/" for fact in told.facts]))


def _filled(pattern: str, told: Told, reference: str) -> str:
    values = {
        "reference": reference,
        "attachment_id": told.files[0],
        "question_id": told.questions[0],
        "draft_id": told.reports[0],
        "fact_id": told.facts[0],
        "seq": 1,
    }
    return "/" + PARAMETER.sub(lambda found: str(values.get(found["name"], 1 if found["kind"] == "int" else reference)), pattern)


def _walk(client: Client, told: Told) -> Iterator[tuple[str, Answer]]:
    waiting, known, shapes = deque(_seeds(told)), set[str](), Counter[str]()
    while waiting:
        address = waiting.popleft()
        shape = SHAPE.sub("*", CHOICE.sub("*", address) if address.startswith("/admin/") else address)
        if address in known or LEFT_OUT.search(address) or (shapes[shape] >= MOST_ALIKE and "*" in shape):
            continue
        known.add(address)
        shapes[shape] += 1
        response = client.get(address)
        yield address, answer_of(response)
        if "text/html" in response.headers.get("Content-Type", ""):
            waiting.extend(_links(address, response.content.decode()))
        if response.status_code in (301, 302):
            waiting.append(response.headers["Location"])


def _seeds(told: Told) -> list[str]:
    asked = [
        question.format(reference=reference, name=name)
        for question in QUESTIONS
        for reference in told.references
        for name in ("Next", "Super")
    ]
    return list(dict.fromkeys(["/", *plain_addresses(), *asked]))


def _links(address: str, body: str) -> Iterator[str]:
    for link in LINK.findall(body):
        found = urldefrag(urljoin(address, html.unescape(link))).url
        if not urlsplit(found).netloc and not urlsplit(found).scheme:
            yield found


def _exports(client: Client) -> Iterator[tuple[str, Answer]]:
    """Every list of the admin as a file."""
    for address in plain_addresses():
        if address.startswith("/admin/") and address.count("/") == 4:
            page = client.get(address)
            chosen = CHOSEN.findall(page.content.decode()) if page.status_code == 200 else []
            if chosen:
                yield address, answer_of(client.post(address, {"action": "export_as_csv", "_selected_action": chosen}))


def _notices(person: Person) -> Iterator[str]:
    for notice in Outbox.objects.filter(to=person).order_by("pk"):
        yield f"{notice.kind} {notice.subject} {notice.body} {notice.link}"


def _patterns(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, address)
        else:
            yield address

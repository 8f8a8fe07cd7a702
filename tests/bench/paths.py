"""The six hot paths: the requests that drive each, and the shape of its floor."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from devices.models import Handset, State, Terms
from guidance.models import Version
from portal.people.models import Person
from tests.bench import drafts
from tests.bench.officers import Officers, ids

PAGE_AIM, WRITE_AIM, SEND_AIM = 0.8, 0.8, 0.5
CODE, NOTE = "information-code-of-conduct", "messaging-apps"

Make = Callable[[Officers, int], tuple[list[uuid.UUID], list[bytes]]]


@dataclass(frozen=True)
class Path:
    """One path. `make` gives the people and their requests; `shape` is what its floor does; once: a request may be sent only once."""

    name: str
    make: Make
    floor: str
    shape: str
    once: bool
    aim: float
    limit: int  # most requests a second that are prepared


def page(name: str, address: str, people: str, listed: str = "") -> Path:
    """A page, read by the people a query names. listed: the class of its rows, where it is a list and the floor must list as many."""
    readers = ids(people)
    if not readers:
        raise RuntimeError(f"nobody to read the {name}")
    queries, html = asked(readers[len(readers) // 2], address)
    lines = html.count(listed) if listed else 5

    def make(officers: Officers, count: int) -> tuple[list[uuid.UUID], list[bytes]]:
        officers.sign_in(readers)
        return readers, [officers.get(person, address) for person in readers]

    shape = f"{queries} plain queries, the first of {lines} rows"
    return Path(name, make, f"/page/{queries}/{lines}/", shape, False, PAGE_AIM, 0)


def asked(person: uuid.UUID, address: str) -> tuple[int, str]:
    """How many queries the page takes besides loading the session and the person; and the page."""
    client = Client()
    client.force_login(Person.objects.get(pk=person), backend="portal.people.signin.PersonBackend")
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answers {answer.status_code}")
    own = len([query for query in seen if "django_session" not in query["sql"] and "FROM people_person AS person" not in query["sql"]])
    return own, answer.content.decode()


def acknowledging() -> Path:
    """The note, by people who have not acknowledged it yet."""
    version = Version.objects.current().get(document__slug=NOTE)
    waiting = ids(
        "SELECT id FROM people_person WHERE is_active AND NOT EXISTS (SELECT FROM guidance_acknowledgement AS done "
        "WHERE done.person_id = people_person.id AND done.version_id = %s) ORDER BY md5(number || 'acknowledge')",
        [version.pk],
    )

    def make(officers: Officers, count: int) -> tuple[list[uuid.UUID], list[bytes]]:
        chosen = [waiting.pop() for _ in range(min(count, len(waiting)))]
        officers.sign_in(chosen)
        fields = {"shown": f"{version.pk}.{version.text_hash}"}
        return chosen, [officers.post(person, f"/guidance/{NOTE}/acknowledge/", fields) for person in chosen]

    return Path("acknowledge", make, "/write/3/", "3 INSERTs: acknowledgement, fact, notice", True, WRITE_AIM, 1500)


def claiming() -> Path:
    """Handsets allotted to people who have not claimed theirs yet."""
    terms = Terms.objects.order_by("-pk").values_list("pk", flat=True).first()
    stock = list(
        Handset.objects.filter(state=State.ALLOTTED, allotted_to__is_active=True).order_by("imei").only("asset_tag", "imei", "allotted_to")
    )
    stock = list({handset.allotted_to_id: handset for handset in stock}.values())

    def make(officers: Officers, count: int) -> tuple[list[uuid.UUID], list[bytes]]:
        chosen = [stock.pop() for _ in range(min(count, len(stock)))]
        holders = [handset.allotted_to_id for handset in chosen if handset.allotted_to_id]
        officers.sign_in(holders)
        fields = {"terms": str(terms), "is_this": "on", "accept": "on"}
        posts = [
            officers.post(holder, f"/handset/claim/{handset.asset_tag}/", {**fields, "last_four": handset.imei[-4:]})
            for holder, handset in zip(holders, chosen, strict=True)
        ]
        return holders, posts

    return Path("claim", make, "/write/4/", "4 INSERTs: handset (an update), custody, fact, notice", True, WRITE_AIM, 1200)


def sending() -> Path:
    """Finished drafts."""
    people = ids("SELECT person FROM bench_holder ORDER BY md5(person::text || 'send')")

    def make(officers: Officers, count: int) -> tuple[list[uuid.UUID], list[bytes]]:
        reporters = [people.pop() for _ in range(min(count, len(people) // 2))]
        made = drafts.ready([(reporter, people[0]) for reporter in reporters])
        officers.sign_in(reporters)
        return reporters, [officers.post(who, f"/reports/drafts/{draft}/check/", {}) for who, draft in zip(reporters, made, strict=True)]

    shape = "8 INSERTs: report, exclusions, promise, duty, sealed words, facts, notices, and the draft's end (a delete)"
    return Path("send", make, "/write/8/", shape, True, SEND_AIM, 600)


ANYBODY = "SELECT id FROM people_person WHERE is_active ORDER BY md5(number || 'read') LIMIT 400"
HOLDERS = """
SELECT holder_id FROM reporting_duty WHERE holder_id IS NOT NULL AND state IN ('sent', 'opened') GROUP BY 1
ORDER BY count(*) DESC, 1 LIMIT 400
"""

# In the order of an officer's day, each made when its turn comes.
PATHS: dict[str, Callable[[], Path]] = {
    "front page": lambda: page("front page", "/", ANYBODY),
    "guidance page": lambda: page("guidance page", f"/guidance/{CODE}/", ANYBODY),
    "acknowledge": acknowledging,
    "claim": claiming,
    "send": sending,
    "duty list": lambda: page("duty list", "/duties/", HOLDERS, listed='class="app-list__item"'),
}

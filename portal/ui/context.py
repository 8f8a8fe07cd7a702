"""What every page is given: the names of the service and the force, the way around, and the addresses of the stylesheet and script.

It runs for every page, so it asks the database nothing itself, and works the way around out only if the page shows it.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static

from portal.people.models import Person, Rank, Role
from portal.record import standing

SERVICE_NAME = "Candour"


class Item(NamedTuple):
    """One link of the way around. `current` is `page` on that very page, `true` on a page under it, empty elsewhere."""

    text: str
    href: str
    current: str


EVERYONE = [("Home", "/"), ("Handset", "/handset/"), ("Guidance", "/guidance/"), ("Reports", "/reports/"), ("Receipts", "/receipts/")]
DUTIES = ("Duties", "/duties/")
STANDARDS = ("Standards", "/standards/")
STORES = ("Stores", "/stores/")
FIGURES = ("Figures", "/figures/")
ADMIN = ("Admin", "/admin/")


def may_hold_duties(person: Person) -> bool:
    """Sergeants and above, and professional standards. Staff who manage reach their duties from the front page and from notices."""
    return person.rank >= Rank.SERGEANT or person.has_role(Role.PROFESSIONAL_STANDARDS)


def places(person: Person) -> list[tuple[str, str]]:
    """Where this person can go, in the order of the bar."""
    standards = person.has_role(Role.PROFESSIONAL_STANDARDS)
    shown = [
        (may_hold_duties(person), DUTIES),
        (standards, STANDARDS),
        (person.has_role(Role.STORES), STORES),
        (standards or person.rank >= Rank.INSPECTOR or person.has_role(Role.ADMINISTRATOR, Role.AUDITOR), FIGURES),
        (person.is_staff, ADMIN),
    ]
    return EVERYONE + [place for seen, place in shown if seen]


def current(href: str, path: str) -> str:
    if path == href:
        return "page"
    return "true" if href != "/" and path.startswith(href) else ""


def way_around(request: HttpRequest) -> str:
    """The bar's links, or nothing for someone not signed in."""
    person = getattr(request, "user", None)
    if not isinstance(person, Person):
        return ""
    return bar(tuple(Item(text, href, current(href, request.path)) for text, href in places(person)))


@lru_cache(maxsize=512)
def bar(items: tuple[Item, ...]) -> str:
    """Drawn once for each combination of links and place, of which there are few: every page shows it."""
    return render_to_string("components/_nav.html", {"items": items})


@cache
def footer(force_name: str, signed_in: bool) -> str:
    return render_to_string("components/_footer.html", {"force_name": force_name, "signed_in": signed_in})


def foot(request: HttpRequest) -> str:
    person = getattr(request, "user", None)
    return footer(settings.FORCE_NAME, person is not None and person.is_authenticated)


@cache
def assets() -> dict[str, str]:
    """Addresses of the built files. They change only with a release, so they are looked up once a process."""
    files = {"css": "built/candour.css", "js": "built/candour.js", "icon": "img/mark.svg", "mark": "img/mark-white.svg"}
    return {name: static(path) for name, path in files.items()}


def demo_accounts() -> list[dict[str, Any]]:
    """The demo's accounts, as its maker wrote them: `[{"name", "what", "email", "password"}]`. Nothing outside the demo."""
    try:
        made = json.loads((settings.STATE_DIR / "demo_accounts.json").read_text())
    except (OSError, ValueError):
        return []
    return made if isinstance(made, list) else []


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {
        "service_name": SERVICE_NAME,
        "force_name": settings.FORCE_NAME,
        "assets": assets(),
        "nav": partial(way_around, request),
        "footer": partial(foot, request),
        "record_trouble": standing.shown,
        "demo": settings.DEMO,
        "demo_accounts": demo_accounts if settings.DEMO else (),
    }

"""A real browser on the running portal. Every page a journey opens is checked: status, axe-core, the policy on scripts, and its width."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from portal.demo.cast import PASSWORD
from portal.local import scratch
from portal.people.models import Person
from tests.browser import launch_options

OWNER = os.environ.get("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CHANGING = re.compile(r'value="[^"]*"|\b(?:[0-9a-f-]{32,}|MR-\w{4}-\w{4})\b|\d+')
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread; the tests themselves are not async
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**launch_options())
        yield chromium
        chromium.close()


class Visitor:
    """One person at one browser. `go` opens a page and `check` holds whatever page is open to what every page must be."""

    examined: ClassVar[set[int]] = set()  # pages that axe found nothing on

    def __init__(self, browser: Browser, base: str, *, viewport: Any, javascript: bool) -> None:
        self.base = base
        self.context: BrowserContext = browser.new_context(viewport=viewport, java_script_enabled=javascript, base_url=base)
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.javascript = javascript
        self.complaints: list[str] = []
        self.page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path: str, status: int = 200) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path} answered {answer.status}"
        if status != 200:
            self.complaints.clear()  # the browser reports the status itself as an error
        self.check()

    def press(self, name: str) -> None:
        """Press the button or follow the link with this name, and check where it leads."""
        found = self.page.get_by_role("button", name=name, exact=True).or_(self.page.get_by_role("link", name=name, exact=True))
        found.first.click()
        self.page.wait_for_load_state()
        self.check()

    def open_link(self, text: str) -> None:
        """Follow the first link of the page's content with `text` in it, and check where it leads."""
        self.page.locator("main a", has_text=text).first.click()
        self.page.wait_for_load_state()
        self.check()

    def check(self) -> None:
        """Django admin's own markup is Django's to mend: its pages are held to everything here but axe, and are visited at a desk."""
        assert self.complaints == []
        wide, seen = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]") if self.javascript else (0, 0)
        assert wide <= seen, f"{self.page.url} is {wide - seen} pixels too wide"
        if self.javascript and "/admin/" not in self.page.url and self.markup() not in self.examined:
            self.page.evaluate(AXE.read_text())
            found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], self.page.url
            self.examined.add(self.markup())

    def markup(self) -> int:
        """The same for pages alike but for numbers, references and keys, at this width: axe would say of one what it said of another."""
        return hash((str(self.page.viewport_size), CHANGING.sub("", self.page.content())))

    def sees(self, text: str) -> None:
        assert text in self.words(), f"{text!r} is not on {self.page.url}: {self.words()}"

    def sees_not(self, text: str) -> None:
        assert text not in self.words(), f"{text!r} is on {self.page.url}"

    def words(self) -> str:
        return " ".join(self.page.inner_text("main").replace("\xa0", " ").split())

    def sign_in(self, email: str) -> None:
        self.go("/accounts/login/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Sign in")

    def arrive(self, email: str) -> None:
        """Come to the front page signed in already."""
        client = Client()
        client.force_login(Person.objects.get(email=email), backend=settings.AUTHENTICATION_BACKENDS[0])
        name = settings.SESSION_COOKIE_NAME
        self.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.base}])
        self.go("/")


@pytest.fixture
def visitor(browser: Browser, live_server: Any, force: None) -> Iterator[Callable[..., Visitor]]:
    """Make visitors: `visitor("inspector@force.example", javascript=False)`; without an e-mail nobody is signed in."""
    made: list[Visitor] = []

    def make(email: str | None = None, *, viewport: Any = PHONE, javascript: bool = True) -> Visitor:
        one = Visitor(browser, live_server.url, viewport=viewport, javascript=javascript)
        made.append(one)
        if email is not None:
            one.arrive(email)
        return one

    yield make
    for one in made:
        one.context.close()


@pytest.fixture(scope="session")
def demo_database(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database that holds the demo force and no report, made once for this process and copied for each test."""
    state, own = tmp_path_factory.mktemp("demo"), connection.settings_dict["NAME"]
    name = f"{own}_demo"
    scratch.copy(OWNER, scratch.make_template(OWNER), name)
    with django_db_blocker.unblock(), override_settings(DEMO=True, STATE_DIR=state, VAULT_FILES=state / "vault"):
        connections.close_all()
        connection.settings_dict["NAME"] = name
        call_command("make_demo", "--bare", stdout=io.StringIO())
        connections.close_all()
        connection.settings_dict["NAME"] = own
    yield name
    scratch.drop(OWNER, name)


@pytest.fixture
def force(transactional_db: None, demo_database: str, tmp_path: Path) -> Iterator[None]:
    """The demo force, before anybody has claimed, acknowledged or reported."""
    connections.close_all()
    scratch.copy(OWNER, demo_database, connection.settings_dict["NAME"])
    with override_settings(DEMO=True, VAULT_FILES=tmp_path / "vault"):
        yield

"""Notifications in a browser: encrypted for it and for nobody else, signed by us, and forgotten when it is gone."""

from __future__ import annotations

import base64
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import LazySettings
from django.test import Client

from portal.notices import delivered, vapid
from portal.notices.channels import push
from portal.notices.delivering import deliver_batch
from portal.notices.models import Outbox, State, Subscription
from portal.notices.tests.making import NEWS, all_due, choose, tell
from portal.notices.tests.standins import PushService
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record import standing
from portal.record.models import Fact
from portal.record.standing import Reason, Trouble

pytestmark = pytest.mark.django_db
PAGE = "/accounts/notices/browsers/"
CHROME = "Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Mobile Safari/537.36"


class Browser:
    """What a browser keeps of a subscription, and what it gives away of it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._secret = os.urandom(16)

    @property
    def given(self) -> dict[str, str]:
        public = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "p256dh": spelled(public), "auth": spelled(self._secret)}

    def read(self, body: bytes) -> Any:
        return json.loads(http_ece.decrypt(body, private_key=self._key, auth_secret=self._secret, version="aes128gcm"))


def spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.fixture
def service(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    server = PushService()
    server.start()
    settings.NOTICE_CHANNELS = ["smtp", "push"]
    settings.PUSH_KEY_FILE = tmp_path / "push" / "vapid.pem"
    monkeypatch.setattr(push, "may_post_to", lambda endpoint: endpoint.startswith(f"http://127.0.0.1:{server.port}/"))
    yield server
    server.stop()


@pytest.fixture
def officer() -> Person:
    return PersonFactory()


def subscribed(person: Person, service: PushService, path: str = "/one") -> Browser:
    browser = Browser(f"http://127.0.0.1:{service.port}{path}")
    Subscription.objects.create(person=person, **browser.given)
    return browser


def test_only_the_browser_can_read_it_and_it_is_a_title_and_a_link(officer: Person, service: PushService) -> None:
    browser = subscribed(officer, service)
    tell(officer, link="/duties/?state=overdue")
    deliver_batch()
    (pushed,) = service.pushed
    assert b"duty" not in pushed.body
    assert browser.read(pushed.body) == {"title": "A duty is yours", "link": "/duties/?state=overdue"}
    assert (pushed.headers["content-encoding"], pushed.headers["ttl"]) == ("aes128gcm", "86400")


def test_the_push_service_can_tell_that_it_is_from_us(officer: Person, service: PushService, settings: LazySettings) -> None:
    subscribed(officer, service)
    tell(officer)
    deliver_batch()
    scheme, _, said = service.pushed[0].headers["authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in said.split(","))
    assert (scheme, parts["k"]) == ("vapid", vapid.application_key())
    point = base64.urlsafe_b64decode(parts["k"] + "==")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=f"http://127.0.0.1:{service.port}")
    assert claims["sub"] == settings.PUSH_CONTACT
    assert 0 < claims["exp"] - time.time() <= 86_400


def test_a_missed_deadline_is_urgent_to_the_push_service(officer: Person, service: PushService) -> None:
    subscribed(officer, service)
    tell(officer, "missed:1", "deadline.missed")
    tell(officer, "guidance.waiting:1", NEWS)
    deliver_batch()
    assert [pushed.headers["urgency"] for pushed in service.pushed] == ["high", "normal"]


def test_the_same_notice_replaces_itself_where_it_still_waits(officer: Person, service: PushService) -> None:
    subscribed(officer, service)
    service.statuses["/one"] = 503
    tell(officer)
    deliver_batch()
    all_due()
    deliver_batch()
    assert len({pushed.headers["topic"] for pushed in service.pushed}) == 1
    assert len(service.pushed) == 2
    assert len(service.pushed[0].headers["topic"]) <= 32


def test_a_push_never_means_told_so_a_duty_goes_by_email_too(
    officer: Person, service: PushService, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    monkeypatch.setitem(delivered._listeners, "duty", lambda key, at: heard.append(len(mailoutbox)))
    choose(officer, by_email=False, by_text=False)
    subscribed(officer, service)
    tell(officer)
    deliver_batch()
    assert (len(service.pushed), len(mailoutbox), heard) == (1, 1, [1])


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(officer: Person, service: PushService, status: int) -> None:
    subscribed(officer, service)
    subscribed(officer, service, "/two")
    service.statuses["/one"] = status
    tell(officer, "guidance.waiting:1", NEWS)
    deliver_batch()
    assert [kept.endpoint.rpartition("/")[2] for kept in Subscription.objects.all()] == ["two"]
    assert Outbox.objects.get().state == State.SENT


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_is_busy_is_asked_again(officer: Person, service: PushService, status: int) -> None:
    subscribed(officer, service)
    service.statuses["/one"] = status
    tell(officer)
    deliver_batch()
    assert Outbox.objects.get().state == State.WAITING
    service.statuses.clear()
    all_due()
    deliver_batch()
    assert Outbox.objects.get().state == State.SENT


def test_an_address_elsewhere_is_never_posted_to() -> None:
    for endpoint in (
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://127.0.0.1/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://evilnotify.windows.com/x",
        "https://127.0.0.1\\.fcm.googleapis.com/x",
        "https://evil.example%2f.fcm.googleapis.com/x",
        "https://fcm.googleapis.com:abc/x",
        "https://[fcm.googleapis.com/x",
    ):
        assert not push.may_post_to(endpoint), endpoint
    assert push.may_post_to("https://fcm.googleapis.com/fcm/send/abc")
    assert push.may_post_to("https://db5p.notify.windows.com/w/?token=abc")


def test_the_key_is_made_once_in_a_file_that_nobody_else_reads(service: PushService, settings: LazySettings) -> None:
    first = vapid.application_key()
    assert vapid.application_key() == first
    assert stat.S_IMODE(settings.PUSH_KEY_FILE.stat().st_mode) == 0o600
    assert len(base64.urlsafe_b64decode(first + "==")) == 65


def test_a_browser_is_turned_on_and_off(officer: Person, service: PushService, client: Client) -> None:
    client.force_login(officer)
    browser = Browser(f"http://127.0.0.1:{service.port}/mine")
    assert client.post(PAGE, browser.given, headers={"User-Agent": CHROME}).status_code == 302
    kept = Subscription.objects.get()
    assert (kept.person, kept.browser) == (officer, "Chrome on Android")
    assert "Chrome on Android" in client.get("/accounts/notices/").content.decode()
    assert client.post(f"{PAGE}{kept.pk}/off/").status_code == 302
    assert not Subscription.objects.exists()


def test_a_browser_that_a_colleague_used_before_is_mine_now(officer: Person, service: PushService, client: Client) -> None:
    browser = subscribed(PersonFactory(), service)
    client.force_login(officer)
    client.post(PAGE, browser.given)
    assert Subscription.objects.get().person == officer


def turned_on(client: Client, person: Person, service: PushService, path: str = "/mine") -> None:
    """As in a browser of their own or of the station: signed in, and turned on."""
    sign_in(client, person)
    client.post(PAGE, Browser(f"http://127.0.0.1:{service.port}{path}").given)


def sign_in(client: Client, person: Person) -> None:
    person.set_password("a long enough password")
    person.save()
    assert client.post("/accounts/login/", {"login": person.email, "password": "a long enough password"}).status_code == 302


@pytest.mark.parametrize("address", ["/accounts/logout/", "/admin/logout/"])
def test_signing_out_turns_it_off_in_that_browser_alone(officer: Person, service: PushService, client: Client, address: str) -> None:
    subscribed(officer, service, "/at-home")
    turned_on(client, officer, service)
    assert client.post(address).status_code == 302
    assert [kept.endpoint.rpartition("/")[2] for kept in Subscription.objects.all()] == ["at-home"]
    assert Fact.objects.for_subject(f"preference:{officer.pk}").of_kind("preference.browser_removed").count() == 1
    assert client.get("/accounts/notices/").status_code == 302, "they are signed out"


def test_signing_out_ends_what_an_earlier_session_turned_on(officer: Person, service: PushService, client: Client) -> None:
    turned_on(client, officer, service)
    client.session.flush()
    sign_in(client, officer)
    assert Subscription.objects.exists(), "it is still theirs"
    client.post("/accounts/logout/")
    assert not Subscription.objects.exists()


def test_whoever_signs_in_next_is_not_told_what_a_colleague_left_on(officer: Person, service: PushService, client: Client) -> None:
    turned_on(client, officer, service)
    client.session.flush()
    sign_in(client, PersonFactory())
    assert not Subscription.objects.exists()
    assert Fact.objects.for_subject(f"preference:{officer.pk}").of_kind("preference.browser_removed").get().actor == "process:sign-in"


def test_signing_out_everywhere_else_turns_it_off_everywhere_else(officer: Person, service: PushService, client: Client) -> None:
    turned_on(Client(), officer, service, "/lost")
    turned_on(client, officer, service)
    client.get("/")
    client.post("/accounts/sessions/")
    assert [kept.endpoint.rpartition("/")[2] for kept in Subscription.objects.all()] == ["mine"]


def test_a_cookie_that_somebody_made_up_turns_nothing_off(officer: Person, service: PushService, client: Client) -> None:
    subscribed(PersonFactory(), service)
    sign_in(client, officer)
    client.cookies["candour_notifications"] = str(Subscription.objects.get().pk)
    client.post("/accounts/logout/")
    assert Subscription.objects.exists()


def test_while_nothing_can_be_written_signing_out_goes_on(
    officer: Person, service: PushService, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned_on(client, officer, service)
    monkeypatch.setattr(standing, "trouble", lambda: Trouble(Reason.LOST, "lost"))
    assert client.post("/accounts/logout/").status_code == 302
    assert Subscription.objects.exists()


@pytest.mark.parametrize("spoilt", [{"endpoint": "https://elsewhere.example/x"}, {"p256dh": "short"}, {"auth": "***"}, {"auth": ""}])
def test_what_is_no_subscription_is_refused(officer: Person, service: PushService, client: Client, spoilt: dict[str, str]) -> None:
    client.force_login(officer)
    given = Browser(f"http://127.0.0.1:{service.port}/mine").given
    answer = client.post(PAGE, {**given, **spoilt}, follow=True)
    assert "a service that the portal does not know" in answer.content.decode()
    assert not Subscription.objects.exists()


def test_nobody_turns_off_a_browser_of_somebody_else(officer: Person, service: PushService, client: Client) -> None:
    subscribed(PersonFactory(), service)
    client.force_login(officer)
    assert client.post(f"{PAGE}{Subscription.objects.get().pk}/off/").status_code == 404
    assert Subscription.objects.exists()


def test_where_notifications_are_not_on_there_is_nothing_to_turn_on(officer: Person, client: Client) -> None:
    client.force_login(officer)
    assert client.post(PAGE, {}).status_code == 404
    assert "Notifications in a browser" not in client.get("/accounts/notices/").content.decode()


def test_the_script_that_shows_them_is_open_and_looked_for_anew(client: Client) -> None:
    answer = client.get("/notices-worker.js")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert answer["Cache-Control"] == "no-cache"
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert client.post("/notices-worker.js").status_code == 405

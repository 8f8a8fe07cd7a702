"""Notifications in a browser (RFC 8030), encrypted for it (RFC 8291) and signed by us (RFC 8292). Never more than a title and a link.

A push service that takes one says nothing about anybody having seen it, so this channel never means that a person was told.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
import time
from urllib.parse import urlsplit

import requests
from django.conf import settings

from portal.notices import vapid
from portal.notices.channels.base import Letter, NotNow, Refused, Taken
from portal.notices.models import Subscription
from portal.people.models import Person

log = logging.getLogger(__name__)
WAIT_SECONDS = 5.0
KEPT_SECONDS = 86_400  # how long a push service keeps it for a browser that is off
GONE = (404, 410)
FOR_NOW = (408, 429)
SERVER_FAULT = 500
# Readers of addresses disagree on odd ones: behind a backslash urllib3 sees a path where Python sees the host go on. So only plain ones.
PLAIN = re.compile(r"https://([a-z0-9.-]+)(?::443)?/")


class Push:
    """To every browser that the person lets us notify; taken when one of their services takes it."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def send(self, letter: Letter, to: Person, address: str) -> Taken:
        answers = [self._send_to(browser, letter) for browser in Subscription.objects.filter(person=to)]
        if any(200 <= status < 300 for status in answers):
            return Taken(told=False)
        if any(status in FOR_NOW or status >= SERVER_FAULT or not status for status in answers):
            raise NotNow("the push service did not take it")
        raise Refused("no browser takes notifications any more")

    def close(self) -> None:
        self._session.close()

    def _send_to(self, browser: Subscription, letter: Letter) -> int:
        """The push service's status; 0 where it did not answer. A browser that is gone is forgotten."""
        if not may_post_to(browser.endpoint):
            browser.delete()
            return GONE[0]
        try:
            body = encrypted(browser, payload(letter))
            # Redirects are not followed: the address was checked, and where it leads was not.
            answer = self._session.post(
                browser.endpoint, data=body, headers=_headers(browser, letter), timeout=WAIT_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            log.warning("a push service did not answer: %s", type(error).__name__)
            return 0
        except ValueError:  # keys that are no keys
            browser.delete()
            return GONE[0]
        if answer.status_code in GONE:
            browser.delete()
        elif answer.status_code >= 300:
            log.warning("a push service answered %s", answer.status_code)
        return answer.status_code


def payload(letter: Letter) -> bytes:
    return json.dumps({"title": letter.title, "link": letter.address.removeprefix(settings.BASE_URL)}).encode()


def encrypted(browser: Subscription, body: bytes) -> bytes:
    from pywebpush import WebPusher  # it brings an asynchronous HTTP client, which web processes have no use for

    keys = {"p256dh": browser.p256dh, "auth": browser.auth}
    sealed: bytes = WebPusher({"endpoint": browser.endpoint, "keys": keys}).encode(body)["body"]
    return sealed


def may_post_to(endpoint: str) -> bool:
    """Whether it is an address at a push service that the settings name: browsers send us these, and so could anybody else."""
    found = PLAIN.match(endpoint)
    return found is not None and any(f".{found[1]}".endswith(f".{service}") for service in settings.PUSH_SERVICES)


def _headers(browser: Subscription, letter: Letter) -> dict[str, str]:
    parts = urlsplit(browser.endpoint)
    return {
        **vapid.headers(audience=f"{parts.scheme}://{parts.netloc}", until=int(time.time()) + KEPT_SECONDS // 2),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_SECONDS),
        "Urgency": "high" if letter.urgent else "normal",
        "Topic": topic(letter.key),
    }


def topic(key: str) -> str:
    """The dedupe key as a push service takes it: a second copy replaces the first where it still waits."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:24]).decode()

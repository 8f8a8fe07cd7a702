"""Officers who are signed in already: sessions written straight to the database, and requests with their cookies."""

from __future__ import annotations

import secrets
import string
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.utils import timezone

from portal.people.models import Person

REAL, FLOOR = "portal.people.signin.PersonBackend", "django.contrib.auth.backends.ModelBackend"
ALPHABET = string.ascii_lowercase + string.digits
TOKEN = "b" * 32  # a CSRF secret; cookie and form must agree, and that is all there is to it


class Officers:
    """Session keys of people, by backend."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.keys: dict[uuid.UUID, str] = {}
        self.store = SessionStore()
        self.cache = RedisCache(settings.REDIS_URL, {"KEY_PREFIX": "floor" if backend == FLOOR else ""})

    def sign_in(self, people: Iterable[uuid.UUID]) -> None:
        """Write a session for each; those who have one keep it."""
        wanted = [person for person in people if person not in self.keys]
        expires = timezone.now() + timedelta(days=1)
        sessions = []
        for person in Person.objects.filter(pk__in=wanted).only("pk", "password").iterator():
            key = "".join(secrets.choice(ALPHABET) for _ in range(32))
            self.keys[person.pk] = key
            sessions.append(Session(session_key=key, session_data=self.store.encode(self._data(person)), expire_date=expires))
        Session.objects.bulk_create(sessions, batch_size=2000)

    def _data(self, person: Person) -> dict[str, str]:
        return {"_auth_user_id": str(person.pk), "_auth_user_backend": self.backend, "_auth_user_hash": person.get_session_auth_hash()}

    def warm(self, people: Sequence[uuid.UUID]) -> None:
        """Put their sessions into the cache, where the page they pressed the button on would have left them."""
        rows = Session.objects.in_bulk([self.keys[person] for person in set(people)])
        found = {self.store.cache_key_prefix + key: self.store.decode(row.session_data) for key, row in rows.items()}
        for start in range(0, len(found), 2000):
            self.cache.set_many(dict(list(found.items())[start : start + 2000]), timeout=300)

    def get(self, person: uuid.UUID, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self._head(person)}\r\n".encode()

    def post(self, person: uuid.UUID, path: str, fields: dict[str, str]) -> bytes:
        body = urlencode({"csrfmiddlewaretoken": TOKEN, **fields})
        head = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return f"POST {path} HTTP/1.1\r\n{self._head(person)}{head}\r\n{body}".encode()

    def _head(self, person: uuid.UUID) -> str:
        cookies = f"{settings.SESSION_COOKIE_NAME}={self.keys[person]}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
        return f"Host: 127.0.0.1\r\nCookie: {cookies}\r\nAccept: text/html\r\n"


def ids(query: str, params: Sequence[Any] = ()) -> list[uuid.UUID]:
    """The first column of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return [row[0] for row in cursor.fetchall()]

"""Redis may go away: nobody is signed out, people can still sign in, and guessing passwords stays slow."""

from __future__ import annotations

from unittest import mock

import pytest
from django.conf import settings
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client
from redis import Redis

from portal.people.sessions import ForgivingRedisCache
from portal.people.tests.factories import PersonFactory

SIGN_IN = "/accounts/login/"


@pytest.fixture
def away() -> ForgivingRedisCache:
    """A cache whose Redis is not there."""
    LocMemCache("attempts", {}).clear()
    return ForgivingRedisCache("redis://127.0.0.1:1/0", {})


@pytest.fixture
def without_redis(away: ForgivingRedisCache, monkeypatch: pytest.MonkeyPatch) -> None:
    from allauth.core.internal import ratelimit
    from django.contrib.sessions.backends import cached_db

    monkeypatch.setattr(ratelimit, "cache", away)
    monkeypatch.setattr(cached_db, "caches", {"default": away})


def test_an_absent_redis_answers_as_an_empty_cache(away: ForgivingRedisCache) -> None:
    away.set("key", "value")
    assert away.get("key", "nothing") == "nothing"
    assert away.add("key", "value") is True
    assert away.delete("key") is False
    assert away.get_many(["key"]) == {}


def test_counters_of_attempts_are_kept_here_meanwhile(away: ForgivingRedisCache) -> None:
    key = "allauth:rl:account:login_failed:10/60/ip:10.0.0.1"
    assert away.add(f"{key}:lock", True, timeout=5) is True
    assert away.add(f"{key}:lock", True, timeout=5) is False
    away.set(key, [1.0], 60)
    assert away.get(key, []) == [1.0]
    away.delete(f"{key}:lock")
    assert away.add(f"{key}:lock", True, timeout=5) is True


@pytest.mark.django_db
def test_people_sign_in_and_stay_signed_in_without_redis(client: Client, without_redis: None) -> None:
    person = PersonFactory.build(unit=None)
    person.set_password("a long enough password")
    person.save()
    answer = client.post(SIGN_IN, {"login": person.email, "password": "a long enough password"})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.django_db
def test_guessing_is_slowed_without_redis(client: Client, without_redis: None) -> None:
    answers = [client.post(SIGN_IN, {"login": "guess@force.example", "password": f"guess {place}"}) for place in range(7)]
    assert "Too many wrong passwords were tried. Wait 5 minutes and try again" in answers[-1].content.decode()
    assert "Too many" not in answers[0].content.decode()


@pytest.mark.django_db
def test_guessing_from_one_address_is_slowed_without_redis(client: Client, without_redis: None) -> None:
    answers = [client.post(SIGN_IN, {"login": f"guess{place}@force.example", "password": "a guess"}) for place in range(11)]
    assert ["Too many" in answer.content.decode() for answer in answers] == [False] * 10 + [True]


def test_one_client_asks_everything() -> None:
    cache = ForgivingRedisCache(settings.REDIS_URL, {})
    with mock.patch.object(Redis, "__init__", autospec=True, side_effect=Redis.__init__) as making:
        cache.set("one-client", "kept", 60)
        assert (cache.get("one-client"), cache.delete("one-client"), cache.get("one-client")) == ("kept", True, None)
    making.assert_called_once()

"""What probes, figures and professional standards are shown of the watch."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from portal import health
from portal.people.models import Role
from portal.watch.models import Alarm
from portal.watch.tests.test_watching import heartbeat, in_role

pytestmark = pytest.mark.django_db


def test_probes_and_figures_say_what_is_behind(client: Client) -> None:
    heartbeat("sweep", 300)
    answer = client.get("/health/ready").json()
    assert not answer["watch"]["ok"]
    assert re.search(r"sweep 30\d s of 30", answer["watch"]["detail"])
    shown = client.get("/metrics").content.decode()
    assert re.search(r'candour_watch_seconds\{figure="sweep"\} 30\d', shown)
    assert 'candour_watch_limit_seconds{figure="deadline"} 60.0' in shown
    assert 'candour_up{part="watch"} 0.0' in shown


def test_a_promise_that_has_not_fired_is_among_them(client: Client) -> None:
    shown = client.get("/metrics").content.decode()
    assert 'candour_watch_seconds{figure="promise"} 0.0' in shown
    assert 'candour_watch_limit_seconds{figure="promise"} 60.0' in shown


def test_a_worker_that_is_away_does_not_take_the_pages_out_of_service() -> None:
    heartbeat("sweep", 0)
    heartbeat("worker", 9_999)
    assert health.watch()[0]


def test_professional_standards_see_the_figures_on_their_page(client: Client) -> None:
    client.force_login(in_role(Role.PROFESSIONAL_STANDARDS), backend="portal.people.signin.PersonBackend")
    heartbeat("sweep", 0)
    heartbeat("worker", 0)
    assert "The portal keeps up" in client.get("/standards/").content.decode()
    heartbeat("sweep", 300)
    shown = client.get("/standards/").content.decode()
    assert "The portal has fallen behind" in shown
    assert "5 minutes ago" in shown
    assert "Administrators have been told" in shown
    assert not Alarm.objects.exists(), "a page writes nothing"

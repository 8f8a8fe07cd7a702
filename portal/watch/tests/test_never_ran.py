"""A clock or a worker that never gave a sign of life."""

from __future__ import annotations

from typing import Any

import pytest

from portal.notices.models import Outbox
from portal.people.models import Role
from portal.postgres.base import one
from portal.watch import watching
from portal.watch.models import Alarm
from portal.watch.tests.test_watching import heartbeat, in_role, seconds

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["sweep", "worker"])
def test_what_has_never_run_is_as_old_as_the_installation_or_the_servers_last_start(name: str) -> None:
    age = seconds()[name]
    started, installed = one(
        "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()), extract(epoch FROM clock_timestamp() - min(applied)) "
        "FROM django_migrations WHERE app = 'watch'"
    ) or (0, 0)
    assert 0 < age <= min(started, installed) < age + 60


def test_a_clock_that_never_ran_raises_the_alarm(settings: Any) -> None:
    in_role(Role.ADMINISTRATOR)
    heartbeat("worker", 0)
    settings.WATCH_SWEEP_SECONDS = 0
    assert watching.watch() == 1
    assert Alarm.objects.get().figure == "sweep"
    assert Outbox.objects.get().subject.startswith("No clock has looked for missed deadlines for ")

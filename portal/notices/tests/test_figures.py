"""What machines are told of notices."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.notices import reaching
from portal.notices.channels.base import Refused
from portal.notices.channels.smtp import Smtp
from portal.notices.models import When
from portal.notices.tests.making import NEWS, choose, deliver_all, tell
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def test_figures_count_notices_by_state_and_by_channel_and_name_nobody(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing, later = PersonFactory.create(), PersonFactory.create()
    choose(later, groups={"guidance": When.DAILY})
    tell(PersonFactory())
    tell(refusing, "duty:2")
    tell(later, "guidance.waiting:1", NEWS)
    real = Smtp.send

    def send(self: Smtp, letter: Any, to: Any, address: str) -> Any:
        if to == refusing:
            raise Refused("SMTP 550", bounced=True)
        return real(self, letter, to, address)

    monkeypatch.setattr(Smtp, "send", send)
    deliver_all()
    tell(PersonFactory(), "duty:3")
    assert len(reaching.refused_addresses(refusing)) == 1
    said = client.get("/metrics").content.decode()
    for line in (
        'candour_notices{state="waiting"} 1.0',
        'candour_notices{state="held"} 1.0',
        'candour_notices{state="failed"} 1.0',
        'candour_notices_last_day{channel="smtp",outcome="told"} 1.0',
        'candour_notices_last_day{channel="smtp",outcome="refused"} 1.0',
        'candour_notices_last_day{channel="push",outcome="taken"} 0.0',
        "candour_people_unreachable 1.0",
    ):
        assert line in said
    assert "@" not in said

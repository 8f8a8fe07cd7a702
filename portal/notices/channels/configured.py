"""The channels that are on, and where each finds a person."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.conf import settings

from portal.notices.channels.base import Channel
from portal.notices.channels.notify import Notify
from portal.notices.channels.push import Push
from portal.notices.channels.smtp import Smtp
from portal.notices.models import Way

MAKERS: dict[Way, Callable[[], Channel]] = {
    Way.SMTP: Smtp,
    Way.NOTIFY_EMAIL: partial(Notify, Way.NOTIFY_EMAIL),
    Way.NOTIFY_SMS: partial(Notify, Way.NOTIFY_SMS),
    Way.PUSH: Push,
}


def ways() -> list[Way]:
    return [way for way in Way if way in settings.NOTICE_CHANNELS]


class Channels:
    """Each channel is made when the first notice of a batch needs it."""

    def __init__(self) -> None:
        self._made: dict[Way, Channel] = {}

    def __getitem__(self, way: Way) -> Channel:
        if way not in self._made:
            self._made[way] = MAKERS[way]()
        return self._made[way]

    def close(self) -> None:
        for channel in self._made.values():
            channel.close()

"""Run the clock until it is told to stop."""

from __future__ import annotations

import signal
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from portal.clock.sweeping import collect_seldom
from portal.clock.ticking import Clock
from portal.postgres import leases


class Command(BaseCommand):
    help = "Fire deadlines, sequence the record and ask for notices to be delivered, until stopped by SIGINT or SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()

        def ask_to_stop(number: int, frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, ask_to_stop)
        leases.take()
        collect_seldom()
        Clock(stop).run()

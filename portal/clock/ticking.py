"""The one always-on loop. Each duty of it runs at its own pace and alone: one that fails is logged and tried again, and stops no other.

Nothing here needs Redis or Celery: deadlines fire and facts are sequenced with both gone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

import psycopg
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from kombu.exceptions import OperationalError as BrokerError

from portal.clock import sweeping
from portal.notices.models import Outbox
from portal.notices.tasks import deliver
from portal.receipts.models import Copy
from portal.receipts.tasks import make_papers
from portal.record import standing
from portal.record.keeping import Keeper
from portal.record.sequencing import BATCH
from portal.watch import watching
from portal.witness import asking, stamping
from portal.witness.rounds import Beside
from reporting.promises.breaking import break_due

log = logging.getLogger(__name__)
TICK_SECONDS = 0.05
SLICE_SECONDS = 1.0
GRACE_SECONDS = 60.0  # whoever starts with the clock has so long to give a sign of life


@dataclass
class Work:
    """One thing the clock does. `do` returns how much it did; while that is `full`, it is called again: at once for a second, and
    then as soon as everything else has had its turn, so that a long backlog silences nothing.

    `always`: also while the database is not the one that was signed, when nothing may be written or sent.
    """

    name: str
    every_seconds: float
    do: Callable[[], int]
    full: int | None = None
    always: bool = False
    next_at: float = field(default=0.0)

    def run_if_due(self, monotonic: float) -> None:
        if monotonic >= self.next_at:
            self.next_at = monotonic + self.every_seconds
            until = time.monotonic() + SLICE_SECONDS
            try:
                while self.do() == self.full:
                    if time.monotonic() >= until:
                        self.next_at = 0.0
                        break
            except (DatabaseError, psycopg.Error, BrokerError, OSError) as error:
                log.warning("%s failed and will be tried again: %s", self.name, type(error).__name__)
                connection.close()
            except Exception:  # a fault in one work, such as a record that does not add up, must not keep deadlines from firing
                log.exception("%s is broken and will be tried again", self.name)
                connection.close()


class Clock:
    """`stop` ends the loop after the round it is in."""

    def __init__(self, stop: Event) -> None:
        self.stop = stop
        self._keeper = Keeper(settings.DATABASE_SEQUENCER_URL, settings.RECORD_ORIGIN)
        self._read_only: standing.Trouble | None = None
        self.work = [
            Work("lapses", 1.0, sweep, full=sweeping.BATCH),
            Work("the record", 0.1, self._keeper.round, full=BATCH),
            Work("promises", 5.0, break_due, full=sweeping.BATCH),
            Work("notices", 2.0, nudge_delivery),
            Work("paper copies", 1.0, nudge_papers),
            Work("heartbeat", 2.0, beat, always=True),
            Work("watch", 10.0, watching.watch, next_at=time.monotonic() + GRACE_SECONDS),
            Work("standing in", 10.0, Beside("delivering what nobody delivers", watching.stand_in).start),
            Work("witnesses", 10.0, Beside("asking the witnesses", asking.run_once).start),
            Work("time stamp", 600.0, Beside("stamping the day's first checkpoint", stamping.run_once).start),
        ]
        for work in self.work:
            if not work.always:
                work.do = self._unless_read_only(work.do)

    def run(self) -> None:
        log.info("the clock is running")
        while not self.stop.is_set():
            close_old_connections()
            for work in self.work:
                work.run_if_due(time.monotonic())
            self.stop.wait(TICK_SECONDS)
        self._keeper.close()
        log.info("the clock has stopped")

    def _unless_read_only(self, do: Callable[[], int]) -> Callable[[], int]:
        """Do nothing, and let whoever puts the record right have the lead, while the database is not the one that was signed."""

        def run() -> int:
            found = standing.trouble()
            if found != self._read_only:
                self._read_only = found
                log.error("read-only: %s", found.text) if found else log.info("the record is in order again")
            if found is None:
                return do()
            self._keeper.close()
            return 0

        return run


def beat() -> int:
    """Leave the clock's sign of life."""
    watching.beat("clock")
    return 1


def sweep() -> int:
    """Fire what is due, and leave a sign that it was looked for."""
    fired = sweeping.sweep()
    watching.beat("sweep")
    return fired


def nudge_delivery() -> int:
    """Ask Celery to deliver if anything waits. The broker being away only means asking again in two seconds."""
    if not Outbox.objects.due().exists():
        return 0
    deliver.delay()
    return 1


def nudge_papers() -> int:
    """The same for paper copies."""
    if not Copy.objects.due().exists():
        return 0
    make_papers.delay()
    return 1

"""Letters: after the kills, workers that nobody kills deliver what was left behind, and each notice is looked for among the letters."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

from portal.notices.channels.smtp import HEADER, key_of
from tests.faults import hands
from tests.faults.nursery import Nursery

WORKERS = 2
SECONDS, A_SECOND = 60.0, 10  # the workers have so long, and so much longer as they have letters to write
# Those that a worker had taken up come first: they are what a kill can have lost.
LEAVE = """
INSERT INTO faults_left SELECT id FROM notices_outbox WHERE state IN ('waiting', 'held') ORDER BY attempts = 0, hashint8(id) OFFSET %s
"""
# Nobody can wait for the leases of the dead.
BRING_FORWARD = """
UPDATE notices_outbox SET next_try_at = clock_timestamp()
    + CASE WHEN EXISTS (SELECT FROM faults_left WHERE notice = notices_outbox.id) THEN interval '1 day' ELSE interval '0' END
WHERE state IN ('waiting', 'held')
"""
WAITING = """
SELECT EXISTS (SELECT FROM notices_outbox WHERE state IN ('waiting', 'held') AND next_try_at < clock_timestamp() + interval '12 hours')
"""
COUNTED = """
SELECT count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state = 'withheld'),
    (SELECT count(*) FROM faults_letter), (SELECT count(*) FROM faults_left) FROM notices_outbox
"""


class Letters(BaseEmailBackend):
    """Keeps the key of every notice whose letter it takes, a line each."""

    def send_messages(self, email_messages: Any) -> int:
        lines = "".join(f"{key_of(letter.extra_headers[HEADER])}\n" for letter in email_messages).encode()
        log = os.open(kept(), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(log, lines)
        os.close(log)
        return len(email_messages)


@dataclass(frozen=True)
class Delivered:
    """`left`: notices that were more than the workers were to deliver, put by unsent."""

    sent: int
    withheld: int
    letters: int
    left: int

    def lines(self) -> str:
        return (
            f"Notices: {self.sent:,} were sent in {self.letters:,} letters, {self.withheld:,} withheld from whoever must not know by now, "
            f"{self.left:,} left to wait."
        )


def kept() -> Path:
    return Path(settings.STATE_DIR) / "letters.txt"


def deliver(log: Path, seed: int, most: int) -> Delivered:
    """Deliver up to `most` of what waits, those first that a worker had taken up before, and read every letter into `faults_letter`."""
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        owner.execute(LEAVE.encode(), [most])
        waiting = owner.execute(BRING_FORWARD.encode()).rowcount
    _work(log, seed, SECONDS + min(waiting, most) / A_SECOND)
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        read(owner)
        return Delivered(*(owner.execute(COUNTED.encode()).fetchone() or ()))


def read(owner: psycopg.Connection[Any]) -> None:
    """Copy the keys into the database, line by line: there may be a million."""
    if kept().exists():
        with owner.cursor().copy("COPY faults_letter FROM STDIN") as copy, kept().open() as lines:
            for line in lines:
                copy.write_row([line.rstrip("\n")])


def _work(log: Path, seed: int, seconds: float) -> None:
    nursery, until = Nursery({}, log, seed), time.monotonic() + seconds
    try:
        for _ in range(WORKERS):
            nursery.start(hands.worker)
        while _waiting() and time.monotonic() < until:
            time.sleep(0.2)
    finally:
        nursery.kill_all()


def _waiting() -> bool:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        return bool((owner.execute(WAITING.encode()).fetchone() or [False])[0])

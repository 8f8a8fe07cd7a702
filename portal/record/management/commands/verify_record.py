"""Check the whole record against itself and against all that was signed."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.record.snapshots import Busy
from portal.record.verifying import Mismatch, verify


class Command(BaseCommand):
    help = "Recompute the record, hold it against what was signed, and name the first fact that disagrees. Exits 1 on a mismatch."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            found = verify()
        except Mismatch as mismatch:
            raise CommandError(f"The record does not agree with itself: {mismatch}.") from mismatch
        except Busy as busy:
            raise CommandError(str(busy)) from busy
        self.stdout.write(
            f"The record agrees with itself: {found.size} facts about {found.subjects} subjects, root {found.root.hex()}. {found.signed} "
            f"of them are signed, and {found.waiting} more wait for their place. It took {time.monotonic() - began:.1f} s."
        )

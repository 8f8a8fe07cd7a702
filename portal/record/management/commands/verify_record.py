"""Check the whole record against itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.record.verifying import Mismatch, verify


class Command(BaseCommand):
    help = "Recompute every leaf, chain and tree head from the rows; name the first fact that disagrees. Exits 1 on a mismatch."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = verify()
        except Mismatch as mismatch:
            raise CommandError(f"The record does not agree with itself: {mismatch}.") from mismatch
        self.stdout.write(
            f"The record agrees with itself: {found.size} facts about {found.subjects} subjects, root {found.root.hex()}; "
            f"{found.waiting} more wait for their place."
        )

"""Write the whole record into a directory that anybody can check without the portal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.record.exporting import NotExported, export
from portal.record.snapshots import Busy
from portal.record.state import Unreadable


class Command(BaseCommand):
    help = "Export every fact, checkpoint, cosignature and time stamp, with the verifier. What people wrote is not in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", metavar="DIR", type=Path, help="a directory that is not there yet, or is empty")

    def handle(self, *args: Any, **options: Any) -> None:
        into: Path = options["directory"].absolute()
        try:
            done = export(into)
        except (NotExported, Busy, Unreadable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{into} holds {done.facts:,} facts ({done.leaf_bytes / 1e6:,.1f} MB) and {done.checkpoints:,} checkpoints, written in "
            f"{done.seconds:.1f} s. Check it with: python3 {into / 'candour_verify.py'} {into} --key KEY"
        )
        if done.disagreements:
            raise CommandError(f"{done.disagreements:,} rows do not agree with each other. They are in {into / 'disagreements.jsonl'}.")

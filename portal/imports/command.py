"""What the import commands share: their options, what they print, and the exit code (0 imported or checked, 1 not)."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.imports.outcome import ImportStopped, Outcome

PRINTED = 20


class ImportCommand(BaseCommand):
    nouns = "rows"
    has_leavers = False
    importer: Callable[..., Outcome]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--report", type=Path, metavar="OUT.csv", help="write every fault and note to this file")
        parser.add_argument("--partial", action="store_true", help="import the good lines of a file that has bad ones")
        if self.has_leavers:
            parser.add_argument("--allow-leavers", action="store_true", help="deactivate more than a tenth of the force")

    def handle(self, *args: Any, **options: Any) -> None:
        extra = {"allow_leavers": options["allow_leavers"]} if self.has_leavers else {}
        with ExitStack() as files:
            try:
                file = files.enter_context(options["file"].open("rb"))
                report = files.enter_context(options["report"].open("wb")) if options["report"] else None
            except OSError as error:
                raise CommandError(f"Cannot open {error.filename}: {error.strerror}.") from error
            try:
                outcome = self.importer(file=file, dry_run=options["dry_run"], partial=options["partial"], report=report, **extra)
            except ImportStopped as error:
                raise CommandError(str(error)) from error
        self._say(outcome, options)

    def _say(self, outcome: Outcome, options: dict[str, Any]) -> None:
        for fault in [*outcome.faults[:PRINTED], *outcome.notes[:PRINTED]]:
            self.stdout.write(fault.sentence)
        left = outcome.counts["faults"] - PRINTED
        if left > 0:
            self.stdout.write(f"… and {left:,} more. Use --report OUT.csv to see them all.")
        elif len(outcome.notes) > PRINTED:
            self.stdout.write("… and more. Use --report OUT.csv to see them all.")
        counted = ", ".join(f"{number:,} {name}" for name, number in outcome.counts.items())
        self.stdout.write(f"{counted} ({self.nouns}).")
        self._conclude(outcome, options)

    def _conclude(self, outcome: Outcome, options: dict[str, Any]) -> None:
        if outcome.stopped:
            raise CommandError(f"{outcome.stopped} Nothing was changed. If it is meant, use --allow-leavers.")
        if outcome.counts["faults"] and not options["partial"]:
            raise CommandError("Nothing was changed. Mend these lines, or use --partial to import the others.")
        self.stdout.write(f"Imported: {outcome.import_id}." if outcome.applied else "Dry run: nothing was changed.")

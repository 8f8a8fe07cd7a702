"""Replace the log key, or the portal key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.record import rotating
from portal.record.standing import RecordReadOnly


class Command(BaseCommand):
    help = "Replace the key that signs the record: --begin, a day later --finish. --portal replaces the portal key at once."

    def add_arguments(self, parser: CommandParser) -> None:
        step = parser.add_mutually_exclusive_group(required=True)
        step.add_argument("--begin", action="store_true", help="make the next log key; from then on both sign")
        step.add_argument("--finish", action="store_true", help="the next log key signs alone; the old private key is destroyed")
        step.add_argument("--portal", action="store_true", help="replace the portal key, which signs promises and names")
        parser.add_argument("--now", action="store_true", help="finish before both have signed for a day; say --why")
        parser.add_argument("--why", default="", help="goes into the record, for everybody: name nobody")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(self._step(**options))
        except (rotating.CannotRotate, RecordReadOnly) as refused:
            raise CommandError(str(refused)) from refused

    def _step(self, *, begin: bool, finish: bool, now: bool, why: str, **_: Any) -> str:
        if now and not (finish and why.strip()):
            raise CommandError("--now goes with --finish and --why.")
        if begin:
            change = rotating.begin()
            broken_off = "An earlier --begin broke off: it is finished now, with the key that it made. " if change.again else ""
            return (
                f"{broken_off}From now on two keys sign every checkpoint. The next one is\n{change.new}\n"
                f"Give this line to everybody who holds\n{change.old}\nand to the witnesses. Take --finish after a day."
            )
        change = rotating.finish(early=why.strip() if now else "") if finish else rotating.replace_portal_key(why=why.strip())
        return (
            f"This key signs now:\n{change.new}\nThis one is retired:\n{change.old}\nIts private half is deleted here. Destroy the copies "
            "in the safes too. What it signed stays good."
        )

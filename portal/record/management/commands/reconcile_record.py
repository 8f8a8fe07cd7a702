"""Walk an operator from a database that is not the one that was signed back to a record that goes on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from portal.record.restoring import reconciling
from portal.record.restoring.owning import Refused, alone, as_owner
from portal.record.restoring.reconciling import Rolled, Way

SHOWN = 20
STEPS = 3  # a database that is behind and a signer that was halted are two
LOST = {  # by kind, or by what comes before the dot in it
    "report.consulted": "nothing: it was only looked at",
    "evidence.consulted": "nothing: it was only looked at",
    "report": "what these people wrote is gone from the database: look for a newer backup, and ask them to send it again",
    "duty": "whose duty it is may be older than the record says: look at each of these reports with professional standards",
    "deadline": "these deadlines run out again, with a second fact",
    "statement": "nothing: a statement is in the hands of whoever took it",
    "handset": "who holds these handsets may have changed since: let stores go through them",
    "guidance": "ask these people to read and acknowledge again, and publish again what was published",
    "person": "import the directory again",
    "directory": "import the directory again",
    "record": "nothing: it concerns the record itself",
}


class Command(BaseCommand):
    help = "Compare the database with what was signed, say what can be done, and do it: roll forward, or open a new shard."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="look and say; change nothing")
        parser.add_argument("--yes", action="store_true", help="do what is proposed without asking; never opens a new shard by itself")
        parser.add_argument("--new-shard", action="store_true", help="end the signed tree and begin another; say --why")
        parser.add_argument("--why", default="", help="goes into the record and to the auditors: name nobody")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with as_owner():
                for _ in range(STEPS):
                    if not self._step(**options):
                        return
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        except DatabaseError as error:
            raise CommandError(
                f"The database did not go along, and nothing was changed: {error}. DATABASE_OWNER_URL has to name the owner of the tables."
            ) from error

    def _step(self, *, dry_run: bool, yes: bool, new_shard: bool, why: str, **_: Any) -> bool:
        """One look and what it leads to; whether to look again."""
        found = reconciling.survey()
        for line in found.lines:
            self.stdout.write(line)
        self.stdout.write(
            f"The portal is read-only: {found.trouble.text}." if found.trouble else "All is well: the database continues what was signed."
        )
        if new_shard:
            return self._open_shard(found.trouble is None, dry_run=dry_run, yes=yes, why=why.strip())
        if found.way is Way.NOTHING:
            return False
        self.stdout.write(f"Proposed: {found.way}.")
        if dry_run or not (yes or self._agreed()):
            self.stdout.write("Nothing was changed.")
            return False
        with alone():
            self._do(found.way)
        return True

    def _do(self, way: Way) -> None:
        if way is Way.ROLL:
            self._tell(reconciling.roll_forward())
        elif way is Way.ADOPT:
            signed = reconciling.adopt()
            self.stdout.write(f"The signer goes on from the published checkpoint of {signed.size} facts.")
        elif way is Way.CHECK:
            reconciling.check_and_go_on()
            self.stdout.write("The whole record, the mirror and what was signed agree.")
        else:
            reconciling.open_shard(why="")
            self.stdout.write("The new shard is open.")

    def _open_shard(self, well: bool, *, dry_run: bool, yes: bool, why: str) -> bool:
        if well:
            raise CommandError("The database continues what was signed: there is no reason to end this shard.")
        if not why:
            raise CommandError("--new-shard goes with --why: it stands in the first leaf of the new tree.")
        self.stdout.write(
            "Proposed: end the signed tree and begin another with the facts that the database has. Facts that were signed and are not "
            "in the database stay provable only by receipts, statements and the files kept in RECORD_DIR/shards."
        )
        if dry_run or not (yes or self._agreed()):
            self.stdout.write("Nothing was changed.")
            return False
        with alone():
            self.stdout.write(
                f"The new shard is open, with {reconciling.open_shard(why=why)} facts. Start the clock, and give out its keys."
            )
        return False

    def _tell(self, rolled: Rolled) -> None:
        self.stdout.write(f"Rolled forward from {rolled.start} to {rolled.to} facts; the whole record agrees with itself.")
        if rolled.held_back:
            self.stdout.write(f"{rolled.held_back} letters were held back, for they may have gone out before: see Notices in the admin.")
        if rolled.lost:
            self.stdout.write("These facts were put back. What they tell of is not in the other tables:")
        for kind, subjects in sorted(rolled.lost.items()):
            some = ", ".join(dict.fromkeys(subjects[:SHOWN])) + (f" and {len(subjects) - SHOWN} more" if len(subjects) > SHOWN else "")
            todo = LOST.get(kind) or LOST.get(kind.partition(".")[0], "look at each with whoever is responsible")
            self.stdout.write(f"  {len(subjects)} × {kind}: {todo}.\n    {some}")

    def _agreed(self) -> bool:
        return input("Do this? [y/N] ").strip().lower() in ("y", "yes")

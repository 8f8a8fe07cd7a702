"""`manage.py make_demo`: an invented force to try the portal with."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.demo import at_work, force, loading

CLAIMS = {False: 120, True: 12_000}  # by whether the force is full


class Command(BaseCommand):
    help = "Load an invented force through the two imports, with accounts to sign in with where DEMO is on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--full", action="store_true", help="44,000 people and 29,000 handsets")
        parser.add_argument("--bare", action="store_true", help="people and handsets alone: nobody has claimed, acknowledged or reported")
        parser.add_argument("--accounts", action="store_true", help="only print the demo accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION and not settings.DEMO:
            raise CommandError("This is a production portal: invented people have no place in it.")
        if options["accounts"]:
            self._print_accounts()
            return
        began = time.perf_counter()
        people, handsets = loading.load(force.FULL if options["full"] else force.SMALL)
        for outcome in (people, handsets):
            if not outcome.applied:
                raise CommandError(f"{outcome.stopped} {[fault.sentence for fault in outcome.faults[:5]]}")
        loading.open_accounts()
        if not options["bare"]:
            at_work.put_to_work(claims=CLAIMS[options["full"]])
        seconds = time.perf_counter() - began
        self.stdout.write(f"{people.counts['rows']:,} people and {handsets.counts['rows']:,} handsets in {seconds:.1f} seconds.")

    def _print_accounts(self) -> None:
        try:
            accounts = json.loads(loading.ACCOUNTS.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError("There are no demo accounts. Run `manage.py make_demo` with DEMO=true first.") from error
        width = max(len(account["email"]) for account in accounts)
        for account in accounts:
            self.stdout.write(f"{account['email']:<{width}}  {account['name']}: {account['what']}")
        self.stdout.write(f"Password for all of them: {accounts[0]['password']}")

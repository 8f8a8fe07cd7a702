"""Read one letter from standard input, as a mail server hands it to a program, and keep that it came back."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.notices import bounces

LARGEST = 10 * 1024 * 1024  # bytes
NOT_OURS = 65  # EX_DATAERR of sysexits.h: a mail server does not try again


class Command(BaseCommand):
    help = "Read a report of failed delivery from standard input; the notice then takes another way. Exits with 65 for any other letter."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        try:
            is_new = bounces.hear(sys.stdin.buffer.read(LARGEST))
        except bounces.NotABounce as error:
            raise CommandError(f"Put aside. {error}.", returncode=NOT_OURS) from error
        self.stdout.write("The notice takes another way." if is_new else "It was known, or the notice is gone.")

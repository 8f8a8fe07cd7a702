"""Run a witness. It uses no database of the portal's; without the portal's settings, start it with `python -m portal.witness.serving`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.witness.keyring import CannotWitness
from portal.witness.serving import arguments, serve


class Command(BaseCommand):
    help = "Cosign what a log says of itself, as long as it only grows, until stopped by SIGINT or SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        arguments(parser)

    def handle(self, *, name: str, logs: Path, home: Path, host: str, port: int, **options: Any) -> None:
        try:
            serve(name=name, logs=logs, home=home, host=host, port=port)
        except (CannotWitness, OSError) as error:
            raise CommandError(str(error)) from error

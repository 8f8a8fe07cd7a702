"""Print, or run, the statements that make the portal's database roles."""

from __future__ import annotations

from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.local import roles


class Command(BaseCommand):
    help = (
        "Print the SQL that makes the four database roles, for whoever runs your PostgreSQL. With --execute URL, run it there as a role "
        "that may create roles. Safe to run again. Passwords or certificates for the roles are yours to set."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--execute", metavar="URL", help="connect here and run the statements instead of printing them")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["execute"]:
            self.stdout.write("".join(f"{statement};\n" for statement in roles.statements()), ending="")
            self.stdout.write("-- then give each a password, as in ALTER ROLE candour_app PASSWORD '…', or a certificate\n", ending="")
            self.stdout.write(f"-- and, once: CREATE DATABASE candour OWNER {roles.OWNER};\n", ending="")
            return
        try:
            with psycopg.connect(options["execute"], autocommit=True) as connection:
                roles.make_roles(connection)
        except psycopg.Error as error:
            raise CommandError(f"The roles could not be made: {error}") from error
        self.stdout.write(f"The roles are there: {', '.join(roles.ROLES)}.")

"""The four database roles, and the statements that make them. Rights on tables are `portal.record.grants`' affair.

On a server of your own, whoever runs it makes these once (`manage.py database_roles` prints the statements). The embedded server makes
them at every start.
"""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection, sql

OWNER, APP, SEQUENCER, AUDITOR = "candour_owner", "candour_app", "candour_sequencer", "candour_auditor"
ROLES: tuple[LiteralString, ...] = (OWNER, APP, SEQUENCER, AUDITOR)

_MAKE_ROLE: LiteralString = "DO $$ BEGIN CREATE ROLE {} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"


# A fact says when it was written, and is placed when its transaction commits: one committed ten minutes later looks slipped in, in every
# export for good (docs/record-format.md). So the application's transactions end well before. `transaction_timeout` is PostgreSQL 17's.
_END_TRANSACTIONS: tuple[LiteralString, ...] = (
    "ALTER ROLE {} SET idle_in_transaction_session_timeout = '120s'",
    """DO $$ BEGIN IF current_setting('server_version_num')::int >= 170000 THEN
    ALTER ROLE {} SET transaction_timeout = '300s';
END IF; END $$""",
)


def statements() -> list[LiteralString]:
    """What makes the roles and ends the application's transactions in time, each statement safe to run again."""
    return [*(_MAKE_ROLE.replace("{}", role) for role in ROLES), *(statement.replace("{}", APP) for statement in _END_TRANSACTIONS)]


def make_roles(connection: Connection[Any]) -> None:
    """Make the roles that are missing, and set what is set for them. `connection` is in autocommit and may create roles."""
    for statement in statements():
        connection.execute(statement)


def make_database(connection: Connection[Any], name: str) -> None:
    """Make the owner's database unless it is there. `connection` is in autocommit: CREATE DATABASE allows no transaction."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER)))

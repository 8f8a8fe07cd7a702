"""The roles somebody else's server needs."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.local import roles


def test_the_statements_are_printed_for_whoever_runs_the_server() -> None:
    out = StringIO()
    call_command("database_roles", stdout=out)
    assert all(f"CREATE ROLE {role} LOGIN" in out.getvalue() for role in roles.ROLES)


def test_a_server_that_does_not_answer_is_said() -> None:
    with pytest.raises(CommandError, match="could not be made"):
        call_command("database_roles", execute="postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")

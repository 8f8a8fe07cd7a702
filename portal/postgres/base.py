"""The database engine in settings (`ENGINE = "portal.postgres"`). Django's own, but for three things that every request would pay for.

A pooled connection is not asked whether it still works with a query of its own: one that the server has hung up on has that waiting on
its socket. Statements sent through `rows` are prepared, so PostgreSQL plans them once a connection and not once a request. And values
travel as `portal.postgres.adapting` says.
"""

from __future__ import annotations

import select
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from django.db import connection
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

from portal.postgres import adapting

Row = tuple[Any, ...]
PREPARE_AT_ONCE = 0


def rows(query: str, params: Mapping[str, Any] | Sequence[Any] = ()) -> list[Row]:
    """Send a prepared statement and return its rows.

    Parameters are bound by the server, so one whose type PostgreSQL cannot tell needs a cast; `%b` sends a list as bytes, which costs
    less than quoting it for `%s`. Write the statement as a constant: each different text is planned, and kept, for itself.
    """
    with cast("DatabaseWrapper", connection).prepared_cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())


def one(query: str, params: Mapping[str, Any] | Sequence[Any] = ()) -> Row | None:
    """The first row, or None."""
    found = rows(query, params)
    return found[0] if found else None


@contextmanager
def planned_once() -> Iterator[None]:
    """Send Django's own queries prepared while this lasts: for a query of many tables, whose planning outweighs its answer."""
    wrapper = cast("DatabaseWrapper", connection)
    before, wrapper.preparing = wrapper.preparing, True
    try:
        yield
    finally:
        wrapper.preparing = before


class Operations(base.DatabaseOperations):  # type: ignore[misc, name-defined]
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str | None:
        """For logs of queries and tests that count them: what a prepared statement would look like with its values written in."""
        return super().last_executed_query(cursor, sql, params) or self.compose_sql(sql, params)  # type: ignore[no-any-return]


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = Operations
    preparing = False

    def get_connection_params(self) -> dict[str, Any]:
        """Django's cursors bind on the client and never prepare; the threshold is for `prepared_cursor` alone."""
        return {**super().get_connection_params(), "prepare_threshold": PREPARE_AT_ONCE, "context": adapting.context()}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        found = super().get_new_connection(conn_params)
        while self.pool and hung_up(found):
            found.close()
            self.pool.putconn(found)
            found = super().get_new_connection(conn_params)
        return found

    def create_cursor(self, name: str | None = None) -> Any:
        if name is None and self.preparing:
            return _server_cursor(self.connection)
        return super().create_cursor(name)

    def prepared_cursor(self) -> CursorWrapper:
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(_server_cursor(self.connection))  # type: ignore[no-any-return, attr-defined]


def _server_cursor(pooled: Any) -> Any:
    server_binding: Any = base.ServerBindingCursor  # the stubs take it for a cursor of psycopg 2
    return server_binding(pooled)


def hung_up(found: Any) -> bool:
    """Whether anything waits on an idle connection's socket. Only the server's last words can: it speaks when spoken to."""
    if found.closed:
        return True
    poll = select.poll()
    poll.register(found.fileno(), select.POLLIN)
    return bool(poll.poll(0))

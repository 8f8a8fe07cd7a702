"""An older database put back: the record's rows as they were, while the signer's files went on."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from psycopg import Connection

from portal.record import standing
from portal.record.appending import append, process_actor

TABLES = ("record_fact", "record_treehead", "record_chain", "record_checkpoint", "notices_outbox")
ALWAYS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled <> 'A' AND tgname LIKE 'record\\_%'"

SEALED = {"message": f"hmac-sha256:{0:064}"}


def add(*subjects: str, kind: str = "report.sent") -> None:
    with transaction.atomic():
        for subject in subjects:
            append(kind=kind, subject=subject, actor=process_actor("test"), facts={"at": subject}, sealed=SEALED)


class Backup:
    """A copy of the record's tables, made now. `put_back` makes them what they were, sequences included."""

    def __init__(self, owner: Connection[Any]) -> None:
        self.owner = owner
        for table in TABLES:
            owner.execute(f"CREATE TABLE copy_of_{table} AS TABLE {table}")
        self.last = self._value("SELECT last_value FROM record_fact_id_seq")

    def put_back(self) -> None:
        with self.owner.transaction():
            self.owner.execute("ALTER TABLE record_fact DISABLE TRIGGER USER; ALTER TABLE record_treehead DISABLE TRIGGER USER")
            self.owner.execute("ALTER TABLE record_checkpoint DISABLE TRIGGER USER")
            for table in reversed(TABLES):
                self.owner.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
                self.owner.execute(f"INSERT INTO {table} SELECT * FROM copy_of_{table}")  # noqa: S608
            self.owner.execute("SELECT setval('record_fact_id_seq', %s)", [self.last])
            self.owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table, trigger in self.owner.execute(ALWAYS).fetchall():
                self.owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
        standing.forget()

    def _value(self, query: str) -> int:
        row = self.owner.execute(query.encode()).fetchone()
        assert row is not None
        return int(row[0])


def triggers_not_always(owner: Connection[Any]) -> list[Any]:
    """The record's triggers that a session could switch off for itself."""
    return owner.execute(ALWAYS).fetchall()

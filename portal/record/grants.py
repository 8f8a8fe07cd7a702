"""What each database role may do. Applied by the owner after every migration, so that a new table is never forgotten.

Roles: the owner migrates; `candour_app` serves; `candour_sequencer` numbers facts; `candour_auditor` reads the record.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

APP, SEQUENCER, AUDITOR = "candour_app", "candour_sequencer", "candour_auditor"

PUBLISHED = "record_checkpoint, record_cosignature, record_stamp"
RECORD = f"record_fact, record_chain, record_treehead, {PUBLISHED}"

GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {APP}, {SEQUENCER}, {AUDITOR};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP};

REVOKE ALL ON {RECORD} FROM PUBLIC, {APP}, {SEQUENCER}, {AUDITOR};
REVOKE ALL ON SEQUENCE record_fact_id_seq, record_checkpoint_id_seq, record_cosignature_id_seq FROM PUBLIC, {APP}, {SEQUENCER};
GRANT INSERT (kind, subject, actor, facts, sealed) ON record_fact TO {APP};
GRANT SELECT ON {RECORD} TO {APP}, {SEQUENCER}, {AUDITOR};
GRANT UPDATE (leaf_index) ON record_fact TO {SEQUENCER};
GRANT INSERT ON record_treehead, {PUBLISHED} TO {SEQUENCER};
GRANT USAGE ON SEQUENCE record_checkpoint_id_seq, record_cosignature_id_seq TO {SEQUENCER};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP};
"""  # noqa: S608 - names of roles, none of them given from outside


def apply_grants(*, using: str = "default", **_: Any) -> None:
    """Give the roles their rights where they exist. `manage.py database_roles` makes them; a portal check says when they are missing."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)", [[APP, SEQUENCER, AUDITOR]])
        found = cursor.fetchone()
        if found is not None and found[0] == 3:
            cursor.execute(GRANTS)

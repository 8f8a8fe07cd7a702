"""The leaf of a fact: its row as one canonical JSON text (docs/record-format.md, "A fact").

The trigger hashes it and nobody stores it: whoever reads the record builds it again from the row, here or in PostgreSQL.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from portal.record.canonical import iso

if TYPE_CHECKING:
    from portal.record.models import Fact

# A time as facts spell it, and one that is no time of ours (before Christ, or never) as PostgreSQL writes it.
AT = """CASE WHEN at BETWEEN '0001-01-01+00' AND '9999-12-31+00' THEN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ELSE at::text END"""
# SQL, of columns that are named without their table; empty where a column that cannot be NULL is. Leaves of version 1 say no id.
LEAF = f"""coalesce('{{"actor":' || to_json(actor)::text || ',"at":"' || {AT} || '","facts":' || facts
    || CASE WHEN leaf_version = 1 THEN '' ELSE ',"id":' || id::text END || ',"kind":' || to_json(kind)::text
    || ',"prev":"' || encode(prev, 'hex') || '","sealed":' || sealed || ',"seq":' || subject_seq::text
    || ',"subject":' || to_json(subject)::text || ',"v":' || leaf_version::text || '}}', '')"""


def leaf_of(fact: Fact) -> str:
    """The leaf of `fact`, whose columns are as the trigger lets them be."""
    key = "" if fact.leaf_version == 1 else f',"id":{fact.pk}'
    return (
        f'{{"actor":{json.dumps(fact.actor)},"at":"{iso(fact.at)}","facts":{fact.facts}{key},"kind":{json.dumps(fact.kind)},'
        f'"prev":"{bytes(fact.prev).hex()}","sealed":{fact.sealed},"seq":{fact.subject_seq},"subject":{json.dumps(fact.subject)},'
        f'"v":{fact.leaf_version}}}'
    )

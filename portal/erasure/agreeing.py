"""Hold erasures of sealed words against the facts about them and against the vault, for the nightly check of the record."""

from __future__ import annotations

from collections.abc import Iterator

from portal.postgres.base import rows

NO_FACT = """
SELECT erasure.kind || ':' || erasure.key
FROM erasure_erasure AS erasure
WHERE erasure.state = 'done' AND NOT EXISTS (
    SELECT FROM record_fact AS fact
    WHERE fact.kind = 'words.erased' AND fact.facts::jsonb ->> 'erasure' = erasure.id::text
        AND fact.facts::jsonb ->> 'container' = erasure.words::text AND fact.actor = 'person:' || erasure.decided_by_id
        AND fact.facts::jsonb ->> 'asked_by' = 'person:' || erasure.asked_by_id
)
ORDER BY 1
"""
STILL_THERE = """
SELECT fact.facts::jsonb ->> 'of'
FROM record_fact AS fact
WHERE fact.kind = 'words.erased' AND (
    NOT EXISTS (
        SELECT FROM erasure_erasure AS erasure WHERE erasure.id::text = fact.facts::jsonb ->> 'erasure' AND erasure.state = 'done'
    ) OR EXISTS (
        SELECT FROM vault_container AS container
        WHERE container.id::text = fact.facts::jsonb ->> 'container' AND container.erased_at IS NULL
    )
)
ORDER BY 1
"""


def disagreements() -> Iterator[str]:
    """Half a sentence for each erasure that no fact tells of, and for each that a fact tells of and that did not happen."""
    for (of,) in rows(NO_FACT):
        yield f"the tables say that {of} was erased, and no fact says so"
    for (of,) in rows(STILL_THERE):
        yield f"a fact says that {of} was erased, and the tables or the vault do not"

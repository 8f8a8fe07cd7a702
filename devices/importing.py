"""Importing stock: every handset in the file, in one transaction, as often as the file comes.

Handsets missing from the file are left alone: stock comes in deliveries. One that somebody holds, or that is lost or retired, keeps its
state and its holder; only what describes it changes.
"""

from __future__ import annotations

import uuid
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction

from devices import stock_file
from portal.imports import staging
from portal.imports.outcome import ImportStopped, Outcome
from portal.imports.reading import Unreadable, rows
from portal.people.models import Person
from portal.record.appending import Entry, append, append_all, person_actor, process_actor

SHOWN = 50
BATCH = 2_000
PROCESS = process_actor("import_handsets")

# `settled` handsets keep state and allotment; of the others, those in stock or allotted follow the file.
WANTED = """
CREATE TEMP TABLE wanted ON COMMIT DROP AS
WITH resolved AS (
    SELECT row.*, CASE WHEN was_state IS NULL OR was_state IN ('in_stock', 'allotted')
            THEN CASE WHEN person_id IS NULL THEN 'in_stock' ELSE 'allotted' END ELSE was_state END AS state,
        CASE WHEN was_state IS NULL OR was_state IN ('in_stock', 'allotted') THEN person_id ELSE was_allotted_to END AS allotted_to_id
    FROM looked_up AS row WHERE NOT refused
)
SELECT resolved.was_id, tag, resolved.imei, resolved.serial, resolved.model, resolved.phone_number, resolved.mdm_id, resolved.state,
    resolved.allotted_to_id, was_state, was_allotted_to, CASE WHEN was_id IS NULL THEN 'new'
    WHEN (held.imei, held.serial, held.model, held.phone_number, held.mdm_id, held.state, held.allotted_to_id) IS DISTINCT FROM
        (resolved.imei::varchar, resolved.serial::varchar, resolved.model::varchar, resolved.phone_number::varchar,
            resolved.mdm_id::varchar, resolved.state::varchar, resolved.allotted_to_id)
    THEN 'changed' ELSE 'same' END AS move
FROM resolved LEFT JOIN devices_handset AS held ON held.id = was_id
"""
COUNTS = """
SELECT count(*) FILTER (WHERE move = 'new'), count(*) FILTER (WHERE move = 'changed'), count(*) FILTER (WHERE move = 'same'),
    count(*) FILTER (WHERE move = 'changed' AND (state, allotted_to_id) IS DISTINCT FROM (was_state, was_allotted_to))
FROM wanted
"""
LOCK = "SELECT 1 FROM devices_handset WHERE asset_tag IN (SELECT upper(asset_tag) FROM staged_row) ORDER BY id FOR UPDATE"
CHANGE = """
UPDATE devices_handset AS handset SET imei = wanted.imei, serial = wanted.serial, model = wanted.model, mdm_id = wanted.mdm_id,
    phone_number = wanted.phone_number, state = wanted.state, allotted_to_id = wanted.allotted_to_id
FROM wanted WHERE handset.id = was_id AND move = 'changed'
"""
ADD = """
INSERT INTO devices_handset (asset_tag, imei, serial, model, phone_number, mdm_id, condition, state, allotted_to_id)
SELECT tag, imei, serial, model, phone_number, mdm_id, '', state, allotted_to_id FROM wanted WHERE move = 'new' ORDER BY tag
"""
MOVED = """
SELECT was_id, was_state, state, allotted_to_id FROM wanted
WHERE move = 'changed' AND (state, allotted_to_id) IS DISTINCT FROM (was_state, was_allotted_to) ORDER BY was_id
"""


def import_handsets(
    *, file: BinaryIO, actor: Person | None = None, dry_run: bool = False, partial: bool = False, report: BinaryIO | None = None
) -> Outcome:
    """Bring stock to what `file` says. `actor` is who asked; None is the command.

    Nothing is written for a dry run, nor for a file with faults unless `partial`. `report` gets every fault and note as CSV. Raises
    ImportStopped for a file that cannot be read.
    """
    digest = staging.fingerprint(file)
    try:
        with transaction.atomic():
            staging.run("SELECT pg_advisory_xact_lock(hashtext('devices.import_handsets'))")
            counts = _examine(file, writing=not dry_run)
            ready = not (dry_run or (counts["faults"] and not partial))
            import_id = _apply(counts, digest, actor) if ready else None
            if report is not None:
                staging.write_report(report)
            faults = staging.faults(SHOWN, staging.FAULT)
            notes = staging.faults(SHOWN, staging.NOTE)
    except Unreadable as error:
        raise ImportStopped(str(error)) from error
    except IntegrityError as error:
        raise ImportStopped("Somebody changed stock while this file was being imported. Nothing was changed. Try again.") from error
    return Outcome(import_id=import_id, digest=digest, counts=counts, faults=faults, notes=notes)


def _examine(file: BinaryIO, *, writing: bool) -> dict[str, int]:
    """Stage the file, find every fault, and work out what would change. Before writing, the handsets it names are locked."""
    count = staging.stage(rows(file, stock_file.COLUMNS), stock_file.COLUMNS)
    if count == 0:
        raise ImportStopped("This file has a header and no handset under it. Nothing was changed. Export it again.")
    if writing:
        staging.run(LOCK)
    staging.look_up(stock_file.LOOK_UP)
    staging.judge(stock_file.RULES)
    refused = staging.refuse_faulty()
    staging.judge(stock_file.NOTES, kind=staging.NOTE)
    staging.run("DROP TABLE IF EXISTS pg_temp.wanted")
    staging.run(WANTED)
    new, changed, same, reallotted = staging.fetch(COUNTS)[0]
    return {"rows": count, "new": new, "changed": changed, "unchanged": same, "reallotted": reallotted, "refused": refused,
            "faults": staging.count_of(staging.FAULT)}  # fmt: skip


def _apply(counts: dict[str, int], digest: str, actor: Person | None) -> uuid.UUID:
    """Write what `_examine` worked out, with its facts."""
    import_id, who = uuid.uuid4(), person_actor(actor) if actor else PROCESS
    staging.run(CHANGE)
    staging.run(ADD)
    append(kind="handsets.imported", subject=f"import:{import_id}", actor=who, facts={**counts, "file_sha256": digest})
    moved = [_moved(row, import_id, who) for row in staging.fetch(MOVED)]
    for start in range(0, len(moved), BATCH):
        append_all(moved[start : start + BATCH])
    return import_id


def _moved(row: tuple[Any, ...], import_id: uuid.UUID, who: str) -> Entry:
    """The fact that a handset we knew was allotted anew, or put back in stock. A new handset's story begins with the import's own fact."""
    handset, before, after, person = row
    kind = "handset.allotted" if person else "handset.stocked"
    facts = {"from": before, "to": after, "to_person": str(person) if person else None, "import": str(import_id)}
    return Entry(kind=kind, subject=f"handset:{handset}", actor=who, facts=facts)

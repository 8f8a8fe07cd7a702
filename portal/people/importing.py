"""Importing the directory: everybody in the force from one file, in one transaction, as often as the file comes.

The file is copied into a table of the transaction's own, judged in sets, and only then written. Whoever is missing from the file, or
marked as no longer active, is deactivated and never deleted.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction

from portal.imports import staging
from portal.imports.outcome import ImportStopped, Outcome
from portal.imports.reading import Unreadable, rows
from portal.people import directory, leaving, moving
from portal.people.models import Person
from portal.people.moving import Departure
from portal.record.appending import Entry, append, append_all, person_actor, process_actor

MOST_LEAVERS_PERCENT = 10  # a file cut short must not lock out the force
FEW_LEAVERS = 5
BATCH = 2_000
SHOWN = 50
PROCESS = process_actor("import_directory")

WANTED = """
CREATE TEMP TABLE wanted ON COMMIT DROP AS
WITH resolved AS (
    SELECT row.*, held.is_active AS was_active, CASE
        WHEN row.manager_number = '' THEN NULL WHEN NOT manager.refused THEN manager.id
        ELSE coalesce(manager.was_id, held.line_manager_id) END AS manager_id
    FROM looked_up AS row
    LEFT JOIN looked_up AS manager ON manager.number = row.manager_number AND manager.line = manager.number_line
    LEFT JOIN people_person AS held ON held.id = row.was_id
    WHERE NOT row.refused
)
SELECT resolved.id, resolved.number, address, kind_key, rank_key, resolved.first_name, resolved.last_name, resolved.unit_id, manager_id,
    resolved.is_active, coalesce(was_active, false) AS was_active, address_owner, CASE WHEN was_id IS NULL THEN 'new'
    WHEN (held.email, held.kind, held.rank, held.first_name, held.last_name, held.unit_id, held.line_manager_id, held.is_active)
        IS DISTINCT FROM
        (address::varchar, kind_key::varchar, rank_key::smallint, resolved.first_name::varchar, resolved.last_name::varchar,
            resolved.unit_id, manager_id, resolved.is_active)
    THEN 'changed' ELSE 'same' END AS move
FROM resolved LEFT JOIN people_person AS held ON held.id = was_id
"""
# Absence says nothing about somebody whose own line was refused under another number, nor when a refused line names nobody at all.
LEAVING = f"""
CREATE TEMP TABLE leaving ON COMMIT DROP AS
SELECT id, number, 'Marked as not active in this file.' AS why FROM wanted WHERE was_active AND NOT is_active
UNION ALL
SELECT id, number, 'Absent from this file.' FROM people_person AS person
WHERE is_active AND NOT is_superuser AND id IS DISTINCT FROM %(spared)s
AND NOT EXISTS (SELECT 1 FROM looked_up AS row WHERE row.number = person.number)
AND NOT EXISTS (SELECT 1 FROM looked_up AS row WHERE row.refused AND row.address = person.email)
AND NOT EXISTS (
    SELECT 1 FROM looked_up AS row WHERE row.refused AND row.number !~ '{directory.NUMBER}' AND position('@' in row.address) = 0
)
"""  # noqa: S608 - nothing of the file's is pasted in
COUNTS = """
SELECT count(*) FILTER (WHERE move = 'new'), count(*) FILTER (WHERE move = 'changed'), count(*) FILTER (WHERE move = 'same'),
    count(*) FILTER (WHERE move = 'changed' AND is_active AND NOT was_active), (SELECT count(*) FROM leaving)
FROM wanted
"""
# Addresses that change hands are parked first: PostgreSQL checks that they are unique row by row.
PARK = """
UPDATE people_person SET email = id::text || '@changing.invalid'
WHERE number IN (SELECT address_owner FROM wanted WHERE address_owner IS NOT NULL AND move <> 'same')
"""
CHANGE = """
UPDATE people_person AS person SET email = address, kind = kind_key, rank = rank_key, first_name = wanted.first_name,
    last_name = wanted.last_name, unit_id = wanted.unit_id, line_manager_id = manager_id, is_active = wanted.is_active
FROM wanted WHERE wanted.id = person.id AND move = 'changed'
"""
ADD = """
INSERT INTO people_person (id, password, is_superuser, email, number, kind, rank, first_name, last_name, job_title, unit_id,
    line_manager_id, is_active, is_staff)
SELECT id, '!' || replace(gen_random_uuid()::text, '-', ''), false, address, number, kind_key, rank_key, first_name, last_name, '', unit_id,
    manager_id, is_active, false
FROM wanted WHERE move = 'new'
"""
# Before the change, for afterwards nothing says where they were.
TRANSFERRING = """
CREATE TEMP TABLE transferring ON COMMIT DROP AS
SELECT wanted.id FROM wanted JOIN people_person AS held ON held.id = wanted.id
WHERE move = 'changed' AND was_active AND wanted.is_active AND held.unit_id <> wanted.unit_id
"""
GONE = "SELECT id FROM leaving WHERE id > %(after)s ORDER BY id LIMIT %(batch)s"
BACK = """
SELECT id FROM wanted WHERE move = 'changed' AND is_active AND NOT was_active AND id > %(after)s ORDER BY id LIMIT %(batch)s
"""
TRANSFERRED = "SELECT id FROM transferring WHERE id > %(after)s ORDER BY id LIMIT %(batch)s"
DEACTIVATE = "UPDATE people_person SET is_active = false WHERE id IN (SELECT id FROM leaving) AND is_active"
LOOPS = """
WITH RECURSIVE level AS (
    SELECT id FROM people_person WHERE line_manager_id IS NULL
    UNION ALL
    SELECT person.id FROM people_person AS person JOIN level ON person.line_manager_id = level.id
)
SELECT person.number, manager.number, 0 FROM people_person AS person JOIN people_person AS manager ON manager.id = person.line_manager_id
WHERE person.id NOT IN (SELECT id FROM level)
"""


def import_directory(
    *,
    file: BinaryIO,
    actor: Person | None = None,
    dry_run: bool = False,
    partial: bool = False,
    allow_leavers: bool = False,
    report: BinaryIO | None = None,
) -> Outcome:
    """Bring the directory to what `file` says. `actor` is who asked; None is the command.

    Nothing is written for a dry run, for a file with faults unless `partial`, or for more leavers than a tenth of the force unless
    `allow_leavers`. `report` gets every fault, note and thing to hand on as CSV. Raises ImportStopped for a file that cannot be read.
    """
    digest = staging.fingerprint(file)
    try:
        with transaction.atomic():
            staging.run("SELECT pg_advisory_xact_lock(hashtext('people.import_directory'))")
            counts = _examine(file, partial=partial, spared=actor)
            stopped = "" if allow_leavers else _too_many_leavers(counts["leaving"])
            ready = not (dry_run or stopped or (counts["faults"] and not partial))
            import_id = _apply(counts, digest, actor) if ready else None
            if report is not None:
                staging.write_report(report)
            faults = staging.faults(SHOWN, staging.FAULT)
            notes = staging.faults(SHOWN, staging.NOTE, staging.HAND_ON)
    except Unreadable as error:
        raise ImportStopped(str(error)) from error
    except IntegrityError as error:
        raise ImportStopped("Somebody changed the directory while this file was being imported. Nothing was changed. Try again.") from error
    return Outcome(import_id=import_id, digest=digest, counts=counts, faults=faults, notes=notes, stopped=stopped)


def _examine(file: BinaryIO, *, partial: bool, spared: Person | None) -> dict[str, int]:
    """Stage the file, find every fault, and work out what would change."""
    count = staging.stage(rows(file, directory.COLUMNS), directory.COLUMNS)
    if count == 0:
        raise ImportStopped("This file has a header and nobody under it. Nothing was changed. Export it again.")
    staging.look_up(directory.LOOK_UP, "number", "address")
    staging.judge(directory.RULES)
    _find_loops()
    refused = staging.refuse_faulty()
    faults = staging.count_of(staging.FAULT)
    if partial and refused:
        refused = _settle()
    staging.run("DROP TABLE IF EXISTS pg_temp.wanted, pg_temp.leaving, pg_temp.transferring")
    staging.run(WANTED)
    staging.run(LEAVING, {"spared": spared.pk if spared else None})
    staging.run(TRANSFERRING)
    staging.run("ANALYZE wanted")
    new, changed, same, returning, leaver_count = staging.fetch(COUNTS)[0]
    _mention_leavers()
    return {"rows": count, "new": new, "changed": changed, "unchanged": same, "returning": returning, "leaving": leaver_count,
            "refused": refused, "faults": faults}  # fmt: skip


def _find_loops() -> None:
    """Name everybody whose line of command comes back to themselves, or never ends."""
    staging.run("DROP TABLE IF EXISTS pg_temp.levels")
    staging.run(directory.LEVELS)
    staging.run(directory.DEEP)
    adrift = staging.fetch(directory.IN_NO_LEVEL)
    lines = {number: line for number, _, line in adrift}
    for ring in rings({number: manager for number, manager, _ in adrift}):
        round_trip = " → ".join([*ring[:6], *(["…"] if len(ring) > 6 else []), ring[0]])
        problem = f"The line of command goes round: {round_trip}. Correct one of these line managers."
        staging.mention(
            staging.Fault(lines[number], "line_manager_warrant_number", manager, problem, staging.FAULT)
            for number, manager in zip(ring, [*ring[1:], ring[0]], strict=True)
        )


def rings(manager_of: dict[str, str]) -> Iterator[list[str]]:
    """Each loop in a map from person to manager, once, beginning with its smallest number."""
    seen: set[str] = set()
    for start in sorted(manager_of):
        path: dict[str, int] = {}
        at = start
        while at in manager_of and at not in seen and at not in path:
            path[at] = len(path)
            at = manager_of[at]
        if at in path:
            ring = list(path)[path[at] :]
            first = ring.index(min(ring))
            yield ring[first:] + ring[:first]
        seen.update(path)


def _settle() -> int:
    """Work out what refusing the faulty rows does to the good ones; return how many rows are refused in the end."""
    staging.run(directory.HELD_BACK)
    staging.run(directory.HOLD_BACK)
    while staging.run(directory.STILL_OWNED):
        staging.refuse_faulty()
    staging.run(directory.MANAGER_KEPT)
    return staging.number("SELECT count(*) FROM looked_up WHERE refused")


def _too_many_leavers(leavers: int) -> str:
    active = Person.objects.active().count()
    if leavers <= max(FEW_LEAVERS, active * MOST_LEAVERS_PERCENT // 100):
        return ""
    return (
        f"This file would deactivate {leavers:,} of {active:,} people. Check that it is whole. "
        "If they have all left, import it again and allow the leavers."
    )


def _mention_leavers() -> None:
    """Put every leaver into the report, with what they hold."""
    staging.run("INSERT INTO staged_fault SELECT 0, '', number, 'Leaves: ' || why, 'note' FROM leaving")
    for batch in _batches("SELECT id, number FROM leaving WHERE id > %(after)s ORDER BY id LIMIT %(batch)s"):
        numbers = dict(batch)
        staging.mention(
            staging.Fault(0, "", numbers[held.person_id], f"Hand on: {held.what}", staging.HAND_ON)
            for held in leaving.holdings(set(numbers))
        )


def _apply(counts: dict[str, int], digest: str, actor: Person | None) -> uuid.UUID:
    """Write what `_examine` worked out, with its facts."""
    import_id, who = uuid.uuid4(), person_actor(actor) if actor else PROCESS
    staging.run(PARK)
    staging.run(CHANGE)
    staging.run(ADD)
    staging.run(DEACTIVATE)
    if counts["refused"]:
        _refuse_loops()
    append(kind="directory.imported", subject=f"import:{import_id}", actor=who, facts={**counts, "file_sha256": digest})
    for kind, select in (("person.deactivated", GONE), ("person.reactivated", BACK)):
        for batch in _batches(select):
            append_all([Entry(kind=kind, subject=f"person:{row[0]}", actor=who, facts={"import": str(import_id)}) for row in batch])
    for why, select in ((Departure.LEFT, GONE), (Departure.TRANSFERRED, TRANSFERRED)):
        for batch in _batches(select):
            moving.gone({row[0] for row in batch}, why)
    return import_id


def _refuse_loops() -> None:
    """Refused rows keep their old managers, so good rows may close a loop with them: then nothing is imported."""
    for ring in rings({number: manager for number, manager, _ in staging.fetch(LOOPS)}):
        raise ImportStopped(
            f"With the faulty rows left out, the line of command would go round: {' → '.join([*ring, ring[0]])}. Nothing was changed."
        )


def _batches(select: str) -> Iterator[list[tuple[Any, ...]]]:
    """Run a SELECT of keys after `after`, `batch` at a time, so that no list grows with the force."""
    after = uuid.UUID(int=0)
    while batch := staging.fetch(select, {"after": after, "batch": BATCH}):
        yield batch
        after = batch[-1][0]

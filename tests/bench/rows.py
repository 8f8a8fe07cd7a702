"""A portal in use: guidance that many have acknowledged, handsets that many hold, reports and duties in every state.

Written as the tables' owner in sets, past the verbs (a year of use takes a year otherwise), but within every constraint, and with the
facts that the record would hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import transaction
from psycopg.types.json import Jsonb

from guidance.samples.installing import install_samples
from portal.people.models import Person, Rank
from portal.record.appending import Entry, append_all
from reporting.escalation import ladder
from tests.bench import floor


@dataclass(frozen=True)
class Volume:
    """How many rows of each kind; the force itself comes from its files."""

    acknowledged: int = 15_000
    claimed: int = 12_000
    reports: int = 6_000


# For everybody: the first inspector and the first chief inspector up their line of command.
HOLDERS = """
CREATE TABLE IF NOT EXISTS bench_holder AS
WITH RECURSIVE line (person, manager, step) AS (
    SELECT id, line_manager_id, 1 FROM people_person WHERE line_manager_id IS NOT NULL
    UNION ALL
    SELECT line.person, above.line_manager_id, step + 1 FROM line JOIN people_person AS above ON above.id = line.manager
    WHERE above.line_manager_id IS NOT NULL
)
SELECT person, row_number() OVER (ORDER BY md5(person::text)) AS place,
    (array_agg(manager ORDER BY step) FILTER (WHERE rank >= 30))[1] AS inspector
FROM line JOIN people_person AS someone ON someone.id = line.manager GROUP BY person
HAVING count(*) FILTER (WHERE rank >= 30) > 0;
CREATE UNIQUE INDEX IF NOT EXISTS bench_holder_place ON bench_holder (place);
GRANT SELECT ON bench_holder TO candour_app;
"""
# What the floor's pages list, for everybody who reads a page here.
ROWS = """
INSERT INTO bench_row (person_id, kind, words, at)
SELECT person.id, shelf::text, 'Something that waits for this officer', now()
FROM people_person AS person, generate_series(0, 9) AS shelf, generate_series(1, CASE shelf WHEN 0 THEN 25 ELSE 5 END)
WHERE person.id IN (SELECT holder_id FROM reporting_duty)
    OR person.id IN (SELECT id FROM people_person ORDER BY md5(number || 'read') LIMIT 500)
"""
ACKNOWLEDGED = """
INSERT INTO guidance_acknowledgement (version_id, person_id, at, text_hash, sentence)
SELECT version.id, person.id, now() - random() * interval '30 days', version.text_hash, version.sentence
FROM guidance_version AS version, (SELECT id FROM people_person WHERE is_active ORDER BY md5(number) LIMIT %s) AS person
WHERE version.state = 'published'
RETURNING person_id, version_id
"""
CLAIMED = """
WITH chosen AS (SELECT id, allotted_to_id FROM devices_handset WHERE state = 'allotted' ORDER BY md5(asset_tag) LIMIT %s),
taken AS (UPDATE devices_handset SET state = 'claimed' FROM chosen WHERE devices_handset.id = chosen.id)
INSERT INTO devices_custody (handset_id, holder_id, terms_id, claimed_at)
SELECT id, allotted_to_id, (SELECT max(id) FROM devices_terms), now() - random() * interval '60 days' FROM chosen
"""
# Reports of the last year: a third are open, in three states of their duty; the rest were acted on.
REPORTS = """
WITH made AS (
    INSERT INTO reporting_report (id, reference, reporter_id, unit_id, container, state, categories, at_risk_now, confidential,
        ladder, sent_at)
    SELECT gen_random_uuid(), %(prefix)s || lpad(series::text, 8, '0'), person, unit_id, gen_random_uuid(),
        CASE WHEN %(open)s OR series %% 3 = 0 THEN 'open' ELSE 'acted' END,
        (ARRAY['{racist}', '{sexist}', '{bullying,other}', '{disclosure}'])[1 + series %% 4]::varchar[], false, series %% 10 = 0,
        %(ladder)s::jsonb, now() - %(ago)s::interval * (1 + random())
    FROM generate_series(1, %(count)s) AS series
    JOIN bench_holder ON place = 1 + (series * 7 + %(shift)s) %% (SELECT count(*) FROM bench_holder)
    JOIN people_person ON people_person.id = person
    RETURNING id, reporter_id, state, sent_at
)
INSERT INTO reporting_duty (report_id, seq, level, holder_id, why, skipped, state, from_at, open_due_at, act_due_at, next_due_at,
    opened_at, acted_at, ended_at)
SELECT made.id, 1, 1, inspector, 'sent', '[]', CASE made.state WHEN 'acted' THEN 'acted' ELSE %(state)s END, sent_at,
    sent_at + %(open_in)s::interval, sent_at + %(act_in)s::interval,
    CASE WHEN made.state = 'open' THEN sent_at + CASE %(state)s WHEN 'sent' THEN %(open_in)s::interval ELSE %(act_in)s::interval END END,
    CASE WHEN made.state = 'acted' OR %(state)s <> 'sent' THEN sent_at END,
    CASE WHEN made.state = 'acted' THEN now() END, CASE WHEN made.state = 'acted' THEN now() END
FROM made JOIN bench_holder ON person = reporter_id
RETURNING report_id
"""


def fill(volume: Volume) -> None:
    """Put rows around the force that was imported."""
    author, approver = Person.objects.active().filter(rank__gte=Rank.CHIEF_INSPECTOR)[:2]
    install_samples(author=author, approver=approver)
    with owner() as connection:
        connection.execute(floor.TABLE.encode())
        connection.execute(HOLDERS.encode())
        readers = connection.execute(ACKNOWLEDGED.encode(), [volume.acknowledged]).fetchall()
        connection.execute(CLAIMED.encode(), [volume.claimed])
    _facts("guidance.acknowledged", [f"reader:{person}" for person, _ in readers])
    _facts("report.sent", [f"report:{report}" for report in reports("M", volume.reports, ago="2 hours", state="opened")])
    with owner() as connection:
        connection.execute(ROWS.encode())
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


def reports(prefix: str, count: int, *, ago: str, state: str, only_open: bool = False, shift: int = 0) -> list[Any]:
    """Add reports sent between one and two times `ago`, with a duty of the first level; deadlines run as the ladder says."""
    rungs = ladder.in_force(urgent=False)
    first = rungs[0]
    given = {
        "prefix": prefix, "count": count, "ago": ago, "state": state, "open": only_open, "shift": shift,
        "ladder": Jsonb(ladder.freeze(rungs)),
        "open_in": f"{first.minutes_to_open} minutes", "act_in": f"{first.minutes_to_act} minutes",
    }  # fmt: skip
    with owner() as connection:
        return [row[0] for row in connection.execute(REPORTS.encode(), given).fetchall()]


def owner() -> psycopg.Connection[Any]:
    return psycopg.connect(settings.DATABASE_OWNER_URL)


def _facts(kind: str, subjects: list[str]) -> None:
    for start in range(0, len(subjects), 2000):
        entries = [Entry(kind=kind, subject=subject, actor="process:bench") for subject in subjects[start : start + 2000]]
        with transaction.atomic():
            append_all(entries)

"""Hold notes, findings, links, conflicts, assignments and openings of names against the facts about them, as `agreeing` does duties.

Their facts stand on the chain of who looked. Of an assignment the last fact counts: an earlier one has no row any more. A conflict counts
while its person is excluded; that goes with an erased report, and the facts about it say nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from reporting.agreement.agreeing import ISO
from reporting.agreement.comparing import differences

# (kind, subject, what the tables say), spelt as the facts are.
TABLES = f"""
SELECT 'note.added' AS kind, 'consultation:' || report_id AS subject,
    jsonb_build_object('note', id, 'by', 'person:' || author_id) AS said
FROM reporting_note
UNION ALL
SELECT 'standards.recorded', 'consultation:' || report_id, jsonb_build_object(
    'finding', id, 'what', what, 'day', to_char(day, 'YYYY-MM-DD'), 'shared', shared, 'by', 'person:' || by_id)
FROM reporting_finding
UNION ALL
SELECT 'report.linked', 'consultation:' || side, jsonb_build_object('link', id, 'by', 'person:' || by_id)
FROM reporting_link, unnest(ARRAY[first_id, second_id]) AS side
UNION ALL
SELECT 'report.unlinked', 'consultation:' || side, jsonb_build_object('link', id)
FROM reporting_link, unnest(ARRAY[first_id, second_id]) AS side WHERE ended_at IS NOT NULL
UNION ALL
SELECT 'conflict.found', 'consultation:' || found.report_id, jsonb_build_object('conflict', found.id, 'by', 'person:' || found.by_id)
FROM reporting_conflict AS found WHERE found.ended_at IS NOT NULL OR EXISTS (
    SELECT FROM reporting_exclusion AS hidden WHERE hidden.report_id = found.report_id AND hidden.person_id = found.person_id)
UNION ALL
SELECT 'conflict.ended', 'consultation:' || report_id, jsonb_build_object('conflict', id)
FROM reporting_conflict WHERE ended_at IS NOT NULL
UNION ALL
SELECT 'duty.assigned', 'consultation:' || duty.report_id,
    jsonb_build_object('duty', duty.id, 'to', 'person:' || given.person_id, 'by', 'person:' || given.by_id)
FROM reporting_assignment AS given JOIN reporting_duty AS duty ON duty.id = given.duty_id
UNION ALL
SELECT 'name.asked', 'consultation:' || report_id, jsonb_build_object('opening', id, 'by', 'person:' || asked_by_id)
FROM reporting_nameopening
UNION ALL
SELECT 'name.opened', 'consultation:' || report_id, jsonb_build_object('opening', id, 'asked_by', 'person:' || asked_by_id,
    'open_until', {ISO.replace("{}", "open_until")}, 'by', 'person:' || decided_by_id)
FROM reporting_nameopening WHERE state IN ('opened', 'closed')
UNION ALL
SELECT 'name.closed', 'consultation:' || report_id, jsonb_build_object('opening', id) FROM reporting_nameopening WHERE state = 'closed'
UNION ALL
SELECT 'name.told', 'consultation:' || report_id, jsonb_build_object('opening', id)
FROM reporting_nameopening WHERE reporter_told_at IS NOT NULL
"""  # noqa: S608 - constants
CHAINS = "subject ~ '^consultation:[0-9a-f]{8}-[0-9a-f]{4}-'"
FACTS = f"""
SELECT kind, subject, facts::jsonb || CASE WHEN kind = 'report.unlinked' THEN '{{}}'::jsonb ELSE jsonb_build_object('by', actor) END AS said
FROM record_fact WHERE {CHAINS} AND kind IN ('note.added', 'standards.recorded', 'report.linked', 'report.unlinked')
UNION ALL
SELECT kind, subject, facts::jsonb || CASE WHEN kind = 'conflict.found' THEN jsonb_build_object('by', actor) ELSE '{{}}'::jsonb END
FROM record_fact WHERE {CHAINS} AND kind IN ('conflict.found', 'conflict.ended')
    AND NOT EXISTS (SELECT FROM reporting_report AS gone WHERE gone.state = 'erased' AND subject = 'consultation:' || gone.id)
UNION ALL
SELECT kind, subject, facts::jsonb || jsonb_build_object('by', actor) FROM (
    SELECT DISTINCT ON (facts::jsonb -> 'duty') kind, subject, facts, actor FROM record_fact
    WHERE {CHAINS} AND kind IN ('duty.assigned', 'duty.unassigned') ORDER BY facts::jsonb -> 'duty', id DESC
) AS newest WHERE kind = 'duty.assigned'
UNION ALL
SELECT kind, subject, facts::jsonb - '{{ground,withheld_until,opened_at,withheld}}'::text[]
    || CASE WHEN kind IN ('name.asked', 'name.opened') THEN jsonb_build_object('by', actor) ELSE '{{}}'::jsonb END
FROM record_fact WHERE {CHAINS} AND kind IN ('name.asked', 'name.opened', 'name.closed', 'name.told')
"""  # noqa: S608 - constants


def disagreements() -> Iterator[str]:
    return differences(TABLES, FACTS)

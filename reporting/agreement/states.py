"""Hold the states of reports and duties against what has to be true of them, for `verify_record`.

A state has no fact of its own: it follows from what came last. So it is worked out of columns that `agreeing` holds against the facts
(why the next duty began, and the times), and of the facts of erasure; the fact that contradicts a state is looked up where one does.
"""

from __future__ import annotations

from collections.abc import Iterator

from portal.postgres.base import rows

DISAGREE = """
WITH erased AS (
    SELECT DISTINCT substr(subject, 8)::uuid AS report_id FROM record_fact
    WHERE kind = 'report.erased' AND subject ~ '^report:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
), duty AS (
    SELECT held.id, held.report_id, held.state, CASE
        WHEN next.why IN ('open_missed', 'act_missed') THEN 'lapsed'
        WHEN next.why IN ('reopened', 'disputed') THEN 'reopened'
        WHEN next.why IN ('stepped_aside', 'moved') THEN next.why
        WHEN next.why IS NOT NULL THEN 'passed'
        WHEN held.acted_at IS NOT NULL THEN 'acted'
        WHEN erased.report_id IS NOT NULL THEN 'erased'
        WHEN held.taken_up_at IS NOT NULL THEN 'taken_up'
        WHEN held.opened_at IS NOT NULL THEN 'opened' ELSE 'sent' END AS must_be,
        coalesce(next.id, held.id) AS told_of, next.id IS NULL AS is_last
    FROM reporting_duty AS held
    LEFT JOIN reporting_duty AS next ON next.report_id = held.report_id AND next.seq = held.seq + 1
    LEFT JOIN erased ON erased.report_id = held.report_id
), wrong AS (
    SELECT id::text AS duty, report_id, state, must_be, told_of FROM duty WHERE state <> must_be
    UNION ALL
    SELECT NULL, report.id, report.state, closed.must_be, duty.told_of
    FROM reporting_report AS report JOIN duty ON duty.report_id = report.id AND duty.is_last
    LEFT JOIN erased ON erased.report_id = report.id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN erased.report_id IS NOT NULL THEN 'erased' WHEN duty.must_be = 'acted' THEN 'acted' ELSE 'open' END AS must_be) AS closed
    WHERE report.state <> closed.must_be
)
SELECT wrong.report_id, wrong.duty, wrong.state, wrong.must_be, fact.kind, fact.subject_seq
FROM wrong LEFT JOIN LATERAL (
    SELECT kind, subject_seq FROM record_fact
    WHERE subject = 'report:' || wrong.report_id AND (wrong.must_be = 'erased' OR facts::jsonb -> 'duty' = to_jsonb(wrong.told_of))
        AND kind = CASE wrong.must_be WHEN 'erased' THEN 'report.erased' WHEN 'acted' THEN 'duty.acted'
            WHEN 'taken_up' THEN 'duty.taken_up' WHEN 'opened' THEN 'duty.opened' ELSE 'duty.passed' END
    ORDER BY subject_seq DESC LIMIT 1
) AS fact ON true
ORDER BY wrong.report_id, wrong.duty::bigint NULLS FIRST
"""


def disagreements() -> Iterator[str]:
    """Half a sentence for each state that does not follow from what was recorded last, with the fact that says otherwise."""
    for report_id, duty, state, must_be, kind, place in rows(DISAGREE):
        what = f"duty {duty} of report:{report_id}" if duty else f"report:{report_id}"
        told = f"as its fact {place}, {kind}, has it" if kind else "as no fact says otherwise"
        yield f"the tables say that {what} is {state}, but it is {must_be}, {told}"

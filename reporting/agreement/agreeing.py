"""Hold reports, duties, lapses, decisions and promises against the facts about them, both ways and set by set.

The record proves what happened; the tables are what pages show and deadlines run by. Whoever changes a holder or a deadline in the
tables makes them say something that no fact says. Posts are compared by their code, which nobody changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from reporting.agreement.comparing import differences

ISO = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def _at(column: str) -> str:
    return ISO.replace("{}", column)


# (kind, subject, what the tables say), spelt as the facts are.
TABLES = f"""
SELECT 'report.sent' AS kind, 'report:' || report.id AS subject, jsonb_build_object(
    'report', report.id, 'at_risk_now', report.at_risk_now, 'confidential', report.confidential, 'ladder', report.ladder,
    'by', 'person:' || report.reporter_id) AS said
FROM reporting_report AS report
UNION ALL
SELECT 'duty.passed', 'report:' || duty.report_id, jsonb_build_object(
    'duty', duty.id, 'seq', duty.seq, 'level', duty.level, 'holder', coalesce('person:' || duty.holder_id, 'post:' || post.code),
    'why', duty.why, 'from_at', {_at("duty.from_at")}, 'open_due_at', {_at("duty.open_due_at")}, 'act_due_at', {_at("duty.act_due_at")})
FROM reporting_duty AS duty LEFT JOIN people_post AS post ON post.id = duty.post_id
UNION ALL
SELECT 'duty.told', 'report:' || report_id, jsonb_build_object('duty', id, 'level', level, 'told_at', {_at("told_at")})
FROM reporting_duty WHERE told_at IS NOT NULL
UNION ALL
SELECT 'duty.opened', 'report:' || report_id, jsonb_build_object('duty', id, 'level', level, 'opened_at', {_at("opened_at")})
FROM reporting_duty WHERE opened_at IS NOT NULL
UNION ALL
SELECT 'duty.taken_up', 'report:' || report_id, jsonb_build_object('duty', id, 'level', level, 'taken_up_at', {_at("taken_up_at")})
FROM reporting_duty WHERE taken_up_at IS NOT NULL
UNION ALL
SELECT CASE WHEN duty.acted_at IS NULL THEN 'duty.acted_late' ELSE 'duty.acted' END, 'report:' || duty.report_id, jsonb_build_object(
    'duty', duty.id, 'level', duty.level, 'outcome', decision.outcome, 'late', decision.late, 'act_due_at', {_at("duty.act_due_at")},
    'acted_at', CASE WHEN coalesce(duty.acted_at, decision.decided_at) = decision.decided_at THEN {_at("decision.decided_at")} END,
    'by', 'person:' || decision.decided_by_id)
    || CASE WHEN decision.checked IS NULL THEN '{{}}'::jsonb ELSE jsonb_build_object('checked', decision.checked) END
FROM reporting_duty AS duty LEFT JOIN reporting_decision AS decision ON decision.duty_id = duty.id
WHERE duty.acted_at IS NOT NULL OR decision.id IS NOT NULL
UNION ALL
SELECT 'deadline.missed', 'report:' || duty.report_id, jsonb_build_object(
    'duty', duty.id, 'level', duty.level, 'holder', coalesce('person:' || duty.holder_id, 'post:' || post.code),
    'deadline', lapse.deadline, 'due_at', {_at("lapse.due_at")}, 'fired_at', {_at("lapse.fired_at")})
FROM reporting_lapse AS lapse JOIN reporting_duty AS duty ON duty.id = lapse.duty_id LEFT JOIN people_post AS post ON post.id = duty.post_id
UNION ALL
SELECT 'closure.disputed', 'report:' || dispute.report_id,
    jsonb_build_object('duty', duty.id, 'level', duty.level, 'disputed_at', {_at("dispute.at")})
FROM reporting_dispute AS dispute JOIN reporting_duty AS duty ON duty.id = dispute.against_id
UNION ALL
SELECT 'promise.missed', 'report:' || report_id,
    jsonb_build_object('promise', seq, 'due_at', {_at("due_at")}, 'fired_at', {_at("ended_at")})
FROM reporting_promise WHERE state = 'missed'
UNION ALL
SELECT 'a promise', 'report:' || report_id, jsonb_build_object(
    'promise', seq, 'hear_by', {_at("due_at")}, 'terms', CASE WHEN seq = 1 THEN terms END)
FROM reporting_promise
"""  # noqa: S608 - constants
# Promises are made by the facts of what reporters hear, and by that of sending.
PROMISING = "'report.sent', 'report.asked', 'reporter.told', 'duty.acted', 'duty.acted_late', 'duty.passed', 'closure.disputed',"
PROMISING += " 'promise.missed'"
REPORTS = "subject ~ '^report:[0-9a-f]{8}-[0-9a-f]{4}-'"
# Only what stands in the tables too is compared: who was passed over and the categories are in the facts for their own sake.
FACTS = f"""
SELECT kind, subject, CASE
    WHEN kind IN ('report.sent', 'duty.acted', 'duty.acted_late')
        THEN facts::jsonb - '{{categories,line_skipped,terms,promise,hear_by}}'::text[] || jsonb_build_object('by', actor)
    WHEN kind = 'promise.missed' THEN facts::jsonb - '{{duty,level,holder,hear_by}}'::text[]
    ELSE facts::jsonb - '{{skipped,promise,hear_by}}'::text[] END AS said
FROM record_fact WHERE {REPORTS} AND kind IN (
    'report.sent', 'duty.passed', 'duty.told', 'duty.opened', 'duty.taken_up', 'duty.acted', 'duty.acted_late', 'deadline.missed',
    'promise.missed', 'closure.disputed'
)
UNION ALL
SELECT 'a promise', subject, jsonb_build_object(
    'promise', CASE WHEN kind = 'promise.missed' AND jsonb_typeof(facts::jsonb -> 'promise') = 'number'
        THEN to_jsonb((facts::jsonb ->> 'promise')::numeric + 1) ELSE facts::jsonb -> 'promise' END,
    'hear_by', facts::jsonb ->> 'hear_by', 'terms', facts::jsonb -> 'terms')
FROM record_fact WHERE {REPORTS} AND kind IN ({PROMISING}) AND facts::jsonb ->> 'hear_by' IS NOT NULL
"""  # noqa: S608 - constants


def disagreements() -> Iterator[str]:
    return differences(TABLES, FACTS)

# ruff: noqa: S608 - rules are constants, put together from constants
"""Who must have been told of what, and that it left, in SQL. See `checking` for what a rule is."""

MEMBER = """member AS (
    SELECT duty.id AS duty_id, staff.person_id FROM reporting_duty AS duty
    JOIN people_postmember AS staff ON staff.post_id = duty.post_id JOIN people_person AS person ON person.id = staff.person_id
    WHERE person.is_active AND NOT EXISTS (
        SELECT FROM reporting_exclusion AS hidden WHERE hidden.report_id = duty.report_id AND hidden.person_id = staff.person_id)
)"""
# Who must have been told: the new holder or every member of the post who may know, whoever lost the duty, whoever did something, of
# their receipt, and the reporter of each hand-over, opening, taking up, act, lapse at the top and member of the post who steps aside.
UNTOLD = f"""
WITH {MEMBER}, done AS (
    SELECT kind, split_part(actor, ':', 2) AS person, (facts::jsonb ->> 'duty')::bigint AS duty_id, facts::jsonb AS said FROM record_fact
    WHERE kind IN ('duty.opened', 'duty.taken_up', 'duty.acted', 'duty.acted_late', 'duty.stepped_aside')
), wanted AS (
    SELECT holder_id AS to_id, 'duty:' || id AS dedupe FROM reporting_duty WHERE holder_id IS NOT NULL
    UNION ALL SELECT person_id, 'duty:' || duty_id || ':' || person_id FROM member
    UNION ALL SELECT duty.holder_id, 'missed:' || duty.id || ':' || lapse.deadline || ':' || duty.holder_id
        FROM reporting_lapse AS lapse JOIN reporting_duty AS duty ON duty.id = lapse.duty_id
        JOIN people_person AS holder ON holder.id = duty.holder_id WHERE holder.is_active
    UNION ALL SELECT member.person_id, 'missed:' || lapse.duty_id || ':' || lapse.deadline || ':' || member.person_id
        FROM reporting_lapse AS lapse JOIN member USING (duty_id)
    UNION ALL SELECT report.reporter_id, 'report-overdue:' || duty.id || ':' || lapse.deadline
        FROM reporting_lapse AS lapse JOIN reporting_duty AS duty ON duty.id = lapse.duty_id
        JOIN reporting_report AS report ON report.id = duty.report_id WHERE duty.post_id IS NOT NULL
    UNION ALL SELECT report.reporter_id, 'report-passed:' || duty.id
        FROM reporting_duty AS duty JOIN reporting_report AS report ON report.id = duty.report_id WHERE duty.seq > 1
    UNION ALL SELECT report.reporter_id, CASE done.kind
            WHEN 'duty.opened' THEN 'report-opened:' || duty.id
            WHEN 'duty.taken_up' THEN 'report-taken-up:' || duty.id
            WHEN 'duty.stepped_aside' THEN 'report-stepped-aside:' || duty.id || ':' || done.person
            ELSE 'report-acted:' || duty.id END
        FROM done JOIN reporting_duty AS duty ON duty.id = done.duty_id JOIN reporting_report AS report ON report.id = duty.report_id
        WHERE done.kind <> 'duty.stepped_aside' OR (done.said ->> 'stays')::boolean
    UNION ALL SELECT split_part(actor, ':', 2)::uuid, 'receipt:' || id || ':' || split_part(actor, ':', 2) FROM record_fact
        WHERE actor LIKE 'person:%%' AND (kind IN ('duty.opened', 'duty.taken_up', 'duty.acted', 'duty.acted_late')
            OR kind = 'duty.passed' AND facts::jsonb ->> 'why' = 'passed')
)
SELECT format('%%s to %%s', wanted.dedupe, wanted.to_id) FROM wanted
WHERE NOT EXISTS (SELECT FROM notices_outbox AS told WHERE told.dedupe = wanted.dedupe AND told.to_id = wanted.to_id)
"""
RULES = {"notices missing": UNTOLD}

LETTERLESS = """
SELECT format('%%s to %%s', dedupe, to_id) FROM notices_outbox AS told
WHERE state = 'sent' AND NOT EXISTS (SELECT FROM faults_letter AS letter WHERE letter.key = told.dedupe)
"""
# Nobody in this world chose not to be told, leaves the force or a post: whoever must not know of the report is the only reason,
# and that is never the reporter of it.
UNSENT = """
SELECT format('%%s to %%s is %%s: %%s', dedupe, to_id, state, last_error) FROM notices_outbox AS told
WHERE state <> 'sent' AND NOT EXISTS (SELECT FROM faults_left WHERE notice = told.id)
    AND NOT (state = 'withheld' AND EXISTS (
        SELECT FROM reporting_exclusion AS hidden JOIN reporting_report AS report ON report.id = hidden.report_id
        WHERE hidden.person_id = told.to_id AND hidden.why <> 'reporter'
            AND report.reference = substring(concat_ws(' ', link, subject, body) FROM 'MR-[0-9A-Z]{4}-[0-9A-Z]{4}')))
"""
OF_NOTHING = """
SELECT DISTINCT key FROM faults_letter AS letter
WHERE NOT EXISTS (SELECT FROM notices_outbox AS told WHERE told.dedupe = letter.key)
"""
AFTER_DELIVERY = {"sent without a letter": LETTERLESS, "unsent for no reason": UNSENT, "letters of nothing": OF_NOTHING}

# ruff: noqa: S608 - rules are constants, put together from constants
"""What must be true of every duty and its deadlines, in SQL. See `checking` for what a rule is."""

# Every deadline that nobody met, from what the duties say happened. A person loses a duty at the first; a post misses both.
EXPECTED = """
WITH expected AS (
    SELECT id AS duty_id, 'open' AS deadline, open_due_at AS due_at FROM reporting_duty
    WHERE open_due_at <= %(at)s AND coalesce(opened_at >= open_due_at, true) AND coalesce(ended_at >= open_due_at, true)
    UNION ALL
    SELECT id, 'act', act_due_at FROM reporting_duty
    WHERE act_due_at <= %(at)s AND coalesce(ended_at >= act_due_at, true) AND (post_id IS NOT NULL OR opened_at < open_due_at)
), fact AS (
    SELECT (facts::jsonb ->> 'duty')::bigint AS duty_id, kind, facts::jsonb AS said, at FROM record_fact
    WHERE kind IN ('deadline.missed', 'duty.passed', 'duty.acted')
)
"""
LOST = (
    EXPECTED
    + """
SELECT format('duty %%s: the deadline to %%s at %%s', duty_id, deadline, due_at) FROM expected
WHERE NOT EXISTS (SELECT FROM reporting_lapse AS lapse WHERE lapse.duty_id = expected.duty_id AND lapse.deadline = expected.deadline)
"""
)
EARLY = (
    EXPECTED
    + """
SELECT format('duty %%s: %%s fired at %%s', lapse.duty_id, lapse.deadline, lapse.fired_at)
FROM reporting_lapse AS lapse LEFT JOIN expected USING (duty_id, deadline)
WHERE lapse.fired_at <= %(at)s AND (expected.due_at IS NULL OR lapse.due_at <> expected.due_at OR lapse.fired_at < expected.due_at)
UNION ALL
SELECT format('duty %%s: the fact of %%s is of %%s', duty_id, said ->> 'deadline', at) FROM fact
WHERE kind = 'deadline.missed' AND at < (said ->> 'due_at')::timestamptz
"""
)
DOUBLED = (
    EXPECTED
    + """
SELECT format('duty %%s: %%s lapses and %%s facts of %%s', duty_id, lapses, facts, deadline) FROM (
    SELECT duty_id, deadline, sum(lapses) AS lapses, sum(facts) AS facts FROM (
        SELECT duty_id, deadline, 1 AS lapses, 0 AS facts FROM reporting_lapse
        UNION ALL SELECT duty_id, said ->> 'deadline', 0, 1 FROM fact WHERE kind = 'deadline.missed'
    ) AS each GROUP BY duty_id, deadline
) AS counted WHERE (lapses, facts) <> (1, 1)
UNION ALL
SELECT format('duty %%s: it began %%s times', duty.id, count(fact.duty_id))
FROM reporting_duty AS duty LEFT JOIN fact ON fact.duty_id = duty.id AND fact.kind = 'duty.passed'
GROUP BY duty.id HAVING count(fact.duty_id) <> 1
"""
)
BOTH = (
    EXPECTED
    + """
SELECT format('duty %%s: acted on in time and lapsed', duty.id) FROM reporting_duty AS duty
JOIN reporting_lapse AS lapse ON lapse.duty_id = duty.id
LEFT JOIN reporting_decision AS decision ON decision.duty_id = duty.id
WHERE duty.acted_at < lapse.due_at OR duty.post_id IS NULL AND duty.state IN ('acted', 'passed')
    OR lapse.deadline = 'act' AND decision.late IS FALSE OR lapse.deadline = 'open' AND duty.opened_at < lapse.due_at
UNION ALL
SELECT format('duty %%s: acted on late and no lapse', duty.id) FROM reporting_duty AS duty
WHERE duty.acted_at >= duty.act_due_at AND NOT EXISTS (SELECT FROM reporting_lapse AS lapse WHERE lapse.duty_id = duty.id)
UNION ALL
SELECT format('duty %%s: %%s acts', duty_id, count(*)) FROM fact WHERE kind = 'duty.acted' GROUP BY duty_id HAVING count(*) > 1
"""
)
HOLDERS = """
SELECT format('report %%s: %%s open duties of %%s', report.id, count(duty.id) FILTER (WHERE duty.state IN ('sent', 'opened', 'taken_up')),
    count(duty.id))
FROM reporting_report AS report LEFT JOIN reporting_duty AS duty ON duty.report_id = report.id
GROUP BY report.id
HAVING count(duty.id) FILTER (WHERE duty.state IN ('sent', 'opened', 'taken_up')) <> (report.state = 'open')::int
    OR count(duty.id) <> max(duty.seq)
UNION ALL
SELECT format('duty %%s: ended %%s, the next began %%s', duty.id, duty.ended_at, after.from_at)
FROM reporting_duty AS duty JOIN reporting_duty AS after ON after.report_id = duty.report_id AND after.seq = duty.seq + 1
WHERE after.from_at IS DISTINCT FROM duty.ended_at
UNION ALL
SELECT format('duty %%s: lost to nobody', duty.id) FROM reporting_duty AS duty
WHERE duty.state = 'lapsed'
    AND NOT EXISTS (SELECT FROM reporting_duty AS after WHERE after.report_id = duty.report_id AND after.seq = duty.seq + 1)
"""
BROKEN_WORD = """
SELECT format('duty %%s: somebody was told that they had done "%%s"', answer.duty, answer.verb)
FROM faults_answer AS answer JOIN reporting_duty AS duty ON duty.id = answer.duty
WHERE answer.verb = 'act' AND NOT EXISTS (SELECT FROM reporting_decision AS decision WHERE decision.duty_id = duty.id)
    OR answer.verb = 'open' AND duty.opened_at IS NULL OR answer.verb = 'take up' AND duty.taken_up_at IS NULL
    OR answer.verb IN ('pass', 'step aside') AND duty.post_id IS NULL AND duty.ended_at IS NULL
"""
WATCHED = """
SELECT format('duty %%s watches %%s', id, next_due_at) FROM reporting_duty WHERE next_due_at <= %(at)s
"""
RULES = {
    "lost": LOST, "early or unfounded": EARLY, "doubled": DOUBLED, "both met and lapsed": BOTH, "without exactly one holder": HOLDERS,
    "answers not kept": BROKEN_WORD, "still due": WATCHED,
}  # fmt: skip

# ruff: noqa: S608 - rules are constants, put together from constants
"""What must be true of every promise that a reporter hears by a time, in SQL. See `checking` for what a rule is.

In this world a reporter hears by what a holder did, which is a decision; nobody writes to them besides.
"""

from tests.faults.telling import MEMBER

MISSED = """
WITH missed AS (
    SELECT fact.at, fact.facts::jsonb AS said, report.id AS report_id, (fact.facts::jsonb ->> 'promise')::int AS seq
    FROM record_fact AS fact JOIN reporting_report AS report ON fact.subject = 'report:' || report.id WHERE fact.kind = 'promise.missed'
)
"""
LOST = """
SELECT format('promise %%s of %%s, to hear by %%s, still runs', seq, report_id, due_at) FROM reporting_promise
WHERE state = 'open' AND due_at <= %(at)s
UNION ALL
SELECT format('promise %%s of %%s is the last, and the report %%s', promise.seq, report.id, report.state)
FROM reporting_report AS report JOIN LATERAL (
    SELECT seq, state FROM reporting_promise WHERE report_id = report.id ORDER BY seq DESC LIMIT 1) AS promise ON true
WHERE (promise.state = 'open') <> (report.state = 'open')
"""
EARLY = (
    MISSED
    + """
SELECT format('promise %%s of %%s: missed at %%s', seq, report_id, ended_at) FROM reporting_promise
WHERE state = 'missed' AND ended_at < due_at
UNION ALL
SELECT format('promise %%s of %%s: the fact is of %%s', missed.seq, report_id, missed.at)
FROM missed JOIN reporting_promise AS promise USING (report_id, seq)
WHERE missed.at < promise.due_at OR (said ->> 'fired_at')::timestamptz < promise.due_at
    OR abs(extract(epoch FROM (said ->> 'due_at')::timestamptz - promise.due_at)) > 0.001
"""
)
DOUBLED = (
    MISSED
    + """
SELECT format('promise %%s of %%s: missed %%s times and %%s facts of it', seq, report_id, sum(rows), sum(facts)) FROM (
    SELECT report_id, seq, 1 AS rows, 0 AS facts FROM reporting_promise WHERE state = 'missed'
    UNION ALL SELECT report_id, seq, 0, 1 FROM missed
) AS each GROUP BY report_id, seq HAVING (sum(rows), sum(facts)) <> (1, 1)
"""
)
# The first reports of this world say that they were sent in a while, so that their deadlines are spread: an act can come before that.
HEARD = """
SELECT EXISTS (SELECT FROM reporting_decision AS decision JOIN reporting_duty AS duty ON duty.id = decision.duty_id
    WHERE duty.report_id = promise.report_id AND (promise.seq = 1 OR decision.decided_at >= promise.made_at)
        AND decision.decided_at < promise.due_at)
"""
BOTH = f"""
SELECT format('promise %%s of %%s: %%s', seq, report_id, state) FROM reporting_promise AS promise
WHERE state = 'kept' AND (ended_at >= due_at OR NOT ({HEARD})) OR state = 'missed' AND ({HEARD})
"""
UNTOLD = f"""
WITH {MEMBER}, missed AS (
    SELECT promise.id, report_id, reporter_id, (SELECT (facts::jsonb ->> 'duty')::bigint FROM record_fact AS fact
        WHERE fact.kind = 'promise.missed' AND fact.subject = 'report:' || report_id
            AND (fact.facts::jsonb ->> 'promise')::int = promise.seq LIMIT 1) AS duty_id
    FROM reporting_promise AS promise JOIN reporting_report AS report ON report.id = report_id WHERE promise.state = 'missed'
), wanted AS (
    SELECT reporter_id AS to_id, 'unheard:' || id AS dedupe FROM missed
    UNION ALL SELECT duty.holder_id, 'unheard:' || missed.id || ':' || duty.holder_id
        FROM missed JOIN reporting_duty AS duty ON duty.id = missed.duty_id WHERE duty.holder_id IS NOT NULL
    UNION ALL SELECT member.person_id, 'unheard:' || missed.id || ':' || member.person_id
        FROM missed JOIN member ON member.duty_id = missed.duty_id
)
SELECT format('%%s to %%s', wanted.dedupe, wanted.to_id) FROM wanted
WHERE NOT EXISTS (SELECT FROM notices_outbox AS told WHERE told.dedupe = wanted.dedupe AND told.to_id = wanted.to_id)
"""
RULES = {
    "promises lost": LOST, "promises missed early": EARLY, "promises missed twice": DOUBLED, "promises both kept and missed": BOTH,
    "missed promises untold": UNTOLD,
}  # fmt: skip
COUNTED = """
SELECT count(*) FILTER (WHERE state = 'kept'), count(*) FILTER (WHERE state = 'missed') FROM reporting_promise
"""

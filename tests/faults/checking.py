# ruff: noqa: S608 - rules are constants, put together from constants
"""What must be true of every deadline, whatever was killed on the way: said in SQL over the rows and facts, not by the code it judges.

Each rule selects what breaks it. `at` is a moment up to which everything due must have fired; what officers were told they did is in the
table `faults_answer`, written by who asked, outside the portal's own tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import Connection

ANSWERS = """
CREATE TABLE IF NOT EXISTS faults_answer (duty bigint, verb text, said_at timestamptz NOT NULL DEFAULT clock_timestamp());
GRANT SELECT, INSERT ON faults_answer TO candour_app;
"""
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
# Who must have been told: the new holder or every member of the post who may know, whoever lost the duty, the reporter, and whoever
# did something, of their receipt. A referral is told with the act it is part of.
UNTOLD = """
WITH member AS (
    SELECT duty.id AS duty_id, staff.person_id FROM reporting_duty AS duty
    JOIN people_postmember AS staff ON staff.post_id = duty.post_id JOIN people_person AS person ON person.id = staff.person_id
    WHERE person.is_active AND NOT EXISTS (
        SELECT FROM reporting_exclusion AS hidden WHERE hidden.report_id = duty.report_id AND hidden.person_id = staff.person_id)
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
        FROM reporting_duty AS duty JOIN reporting_report AS report ON report.id = duty.report_id
        WHERE duty.seq > 1 AND duty.why <> 'referred'
    UNION ALL SELECT split_part(actor, ':', 2)::uuid, 'receipt:' || id || ':' || split_part(actor, ':', 2) FROM record_fact
        WHERE actor LIKE 'person:%%' AND (kind IN ('duty.opened', 'duty.taken_up', 'duty.acted', 'duty.acted_late')
            OR kind = 'duty.passed' AND facts::jsonb ->> 'why' = 'passed')
)
SELECT format('%%s to %%s', wanted.dedupe, wanted.to_id) FROM wanted
WHERE NOT EXISTS (SELECT FROM notices_outbox AS told WHERE told.dedupe = wanted.dedupe AND told.to_id = wanted.to_id)
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
    "notices missing": UNTOLD, "answers not kept": BROKEN_WORD, "still due": WATCHED,
}  # fmt: skip
SETTLED = """
SELECT (SELECT count(*) FROM reporting_lapse)
    + count(*) FILTER (WHERE opened_at < open_due_at) + count(*) FILTER (WHERE opened_at < open_due_at AND ended_at < act_due_at)
FROM reporting_duty
"""
DELAYS = """
SELECT count(*), coalesce(max(extract(epoch FROM fired_at - due_at)), 0),
    coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM fired_at - due_at)), 0) FROM reporting_lapse
"""


@dataclass
class Verdict:
    """`broken`: for each rule, how many break it and the first few. `settled`: deadlines that were met or fired."""

    broken: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    settled: int = 0
    lapses: int = 0
    worst_seconds: float = 0.0
    median_seconds: float = 0.0

    @property
    def good(self) -> bool:
        return not any(many for many, _ in self.broken.values())

    def lines(self) -> str:
        told = [
            (
                f"{self.settled:,} deadlines came to their end, {self.lapses:,} of them as lapses; the worst "
                f"fired {self.worst_seconds:.2f} s after it was due, half within {self.median_seconds:.2f} s"
            ),
            "  " + ", ".join(f"{many:,} {name}" for name, (many, _) in self.broken.items()),
        ]
        return "\n".join([*told, *(f"    {name}: {one}" for name, (_, some) in self.broken.items() for one in some)])


def check(connection: Connection[Any], at: datetime) -> Verdict:
    """Hold every rule against the database. `connection`: its owner."""
    found = Verdict()
    for name, rule in RULES.items():
        row = connection.execute(f"SELECT count(*), (array_agg(said))[1:5] FROM ({rule}) AS found (said)".encode(), {"at": at}).fetchone()
        found.broken[name] = (row[0], row[1] or []) if row else (0, [])
    found.settled = _row(connection, SETTLED)[0]
    found.lapses, worst, median = _row(connection, DELAYS)
    found.worst_seconds, found.median_seconds = float(worst), float(median)
    return found


def settled(connection: Connection[Any]) -> int:
    return int(_row(connection, SETTLED)[0])


def _row(connection: Connection[Any], query: str) -> tuple[Any, ...]:
    return connection.execute(query.encode()).fetchone() or ()

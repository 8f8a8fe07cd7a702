"""What the watch asks of this room: whether a deadline, or a promise to a reporter, has passed that has not fired."""

from __future__ import annotations

from portal.watch.figures import Figure

DEADLINE = Figure(
    code="deadline",
    name="Oldest deadline that passed and has not fired",
    wrong="A deadline has passed and has not fired",
    query="(SELECT extract(epoch FROM clock_timestamp() - min(next_due_at)) FROM reporting_duty WHERE next_due_at <= clock_timestamp())",
    limit="WATCH_DEADLINE_SECONDS",
    order=2,
)
PROMISE = Figure(
    code="promise",
    name="Oldest promise to a reporter that passed and has not fired",
    wrong="A promise to a reporter has passed and has not fired",
    query=(
        "(SELECT extract(epoch FROM clock_timestamp() - min(due_at)) FROM reporting_promise p JOIN reporting_report r ON r.id = report_id "
        "WHERE p.state = 'open' AND r.state = 'open' AND due_at <= clock_timestamp())"
    ),
    limit="WATCH_PROMISE_SECONDS",
    order=3,
)

"""What the watch asks of this room: whether a deadline has passed that has not fired."""

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

"""What machines are told of notices: how many wait, and what each channel made of those of the last day."""

from __future__ import annotations

from collections.abc import Iterator

from portal.notices.models import Outcome, State, Way
from portal.postgres.base import rows

# Each of these is a handful of rows at most times, and has an index of its own.
STATES = """
SELECT state, count(*) FROM notices_outbox WHERE state IN ('waiting', 'held') GROUP BY state
UNION ALL SELECT 'failed', count(*) FROM notices_outbox WHERE state = 'failed'
"""
LATELY = """
SELECT way, outcome, count(*) FROM notices_sending WHERE at > clock_timestamp() - interval '1 day' GROUP BY way, outcome
"""
UNREACHABLE = "SELECT count(DISTINCT person_id) FROM notices_unreachable"


def by_state() -> dict[str, int]:
    """How many wait, are held, and were given up."""
    return {str(state): 0 for state in (State.WAITING, State.HELD, State.FAILED)} | dict(rows(STATES))


def by_channel() -> Iterator[tuple[str, str, int]]:
    """Channel, outcome, and how many in the last day."""
    counted = {(way, outcome): many for way, outcome, many in rows(LATELY)}
    return ((str(way), str(outcome), counted.get((way, outcome), 0)) for way in Way for outcome in Outcome)


def unreachable() -> int:
    """People with an address that refused for good."""
    ((many,),) = rows(UNREACHABLE)
    return int(many)

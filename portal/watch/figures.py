"""Dead-man figures: for each thing that always runs, how many seconds ago it should have done what it has not done.

They are computed from PostgreSQL alone, by whoever asks: the clock, a worker, or a web process that shows a page. None trusts the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from portal.postgres.base import one


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`query`: an SQL expression in seconds, null where nothing is behind. `limit`: the setting with the most that is well.

    `name`: what it is, in plain words, with `{}` for how long. `wrong`: what it means when it is past its limit.
    """

    code: str
    name: str
    wrong: str
    query: str
    limit: str
    order: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure as it is now. `seconds`: 0 where nothing is behind."""

    figure: Figure
    seconds: float

    @property
    def limit(self) -> int:
        return int(getattr(settings, self.figure.limit))

    @property
    def is_well(self) -> bool:
        return self.seconds <= self.limit

    @property
    def is_well_again(self) -> bool:
        """Well below the limit, so that an episode does not end and begin all the time."""
        return self.seconds <= self.limit / 2


HEARTBEAT = """extract(epoch FROM clock_timestamp() - coalesce(
    (SELECT at FROM clock_heartbeat WHERE name = '{}'),
    greatest(pg_postmaster_start_time(), (SELECT min(applied) FROM django_migrations WHERE app = 'watch'))
))"""  # what has never given a sign of life is as old as the installation, or as the server's last start
OWN = [
    Figure(
        code="sweep",
        name="Last look for missed deadlines",
        wrong="No clock has looked for missed deadlines",
        query=HEARTBEAT.format("sweep"),
        limit="WATCH_SWEEP_SECONDS",
        order=1,
    ),
    Figure(
        code="notice",
        name="Oldest notice not sent",
        wrong="A notice has waited to be sent",
        query=(
            "(SELECT extract(epoch FROM clock_timestamp() - min(CASE state WHEN 'waiting' THEN made_at ELSE next_try_at END)) "
            "FROM notices_outbox WHERE state = 'waiting' OR state = 'held' AND next_try_at <= clock_timestamp())"
        ),
        limit="WATCH_NOTICE_SECONDS",
        order=4,
    ),
    Figure(
        code="fact",
        name="Oldest fact not yet in the record’s tree",
        wrong="A fact has waited for its place in the record",
        query="(SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM record_fact WHERE leaf_index IS NULL)",
        limit="WATCH_FACT_SECONDS",
        order=5,
    ),
    Figure(
        code="worker",
        name="Last sign of life of a background worker",
        wrong="No background worker has done anything",
        query=HEARTBEAT.format("worker"),
        limit="WATCH_WORKER_SECONDS",
        order=6,
    ),
]
_figures: dict[str, Figure] = {}


def register(figure: Figure) -> None:
    """Rooms above register theirs when the portal starts. Registering a code again replaces it."""
    _figures[figure.code] = figure


def every() -> list[Figure]:
    return sorted(_figures.values(), key=lambda figure: figure.order)


def read() -> list[Reading]:
    """All of them, in one statement."""
    figures = every()
    values = one("SELECT " + ", ".join(f"coalesce({figure.query}, 0)" for figure in figures)) or ()
    return [Reading(figure, max(float(seconds), 0.0)) for figure, seconds in zip(figures, values, strict=True)]

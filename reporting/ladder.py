"""The ladder as it is frozen into a report: read a policy once, keep it as plain JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from reporting.models import EscalationRung, Report


@dataclass(frozen=True, slots=True)
class Rung:
    """One level. `least_rank` is a `people.models.Rank` value, or None at the top, where `post` is a post's code. Minutes elapse."""

    level: int
    least_rank: int | None
    post: str | None
    minutes_to_open: int
    minutes_to_act: int

    @property
    def is_last(self) -> bool:
        return self.post is not None

    def deadlines(self, start: datetime) -> tuple[datetime, datetime]:
        """When a duty that begins at `start` must be opened, and acted on."""
        return start + timedelta(minutes=self.minutes_to_open), start + timedelta(minutes=self.minutes_to_act)


class NoPolicy(Exception):
    """No escalation policy that ends at a post is in force: an administrator has to set one before reports can be sent."""


def in_force(*, urgent: bool) -> list[Rung]:
    """The ladder for a report sent now. Raises NoPolicy."""
    standing = EscalationRung.objects.filter(policy__in_force=True, policy__urgent__in=[urgent, False]).select_related("post")
    kept = list(standing.order_by("-policy__urgent", "level"))
    rungs = [
        Rung(rung.level, rung.least_rank, rung.post.code if rung.post else None, rung.minutes_to_open, rung.minutes_to_act)
        for rung in kept
        if rung.policy_id == kept[0].policy_id
    ]
    if not rungs or not rungs[-1].is_last:
        raise NoPolicy("No escalation policy that ends at a post is in force. Tell an administrator.")
    return rungs


def freeze(rungs: list[Rung]) -> list[dict[str, Any]]:
    return [asdict(rung) for rung in rungs]


def frozen(report: Report) -> list[Rung]:
    return [Rung(**kept) for kept in report.ladder]

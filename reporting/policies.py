"""Escalation policies: what a usable ladder is, and putting one in force. Every change is a fact with the whole ladder in it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from portal.people.models import Person, Post
from portal.record.appending import append, person_actor
from portal.record.canonical import Json
from reporting.models import EscalationPolicy

Level = tuple[int, int | None, Post | None]  # level, least rank, post


class Unusable(Exception):
    """The ladder does not end at a post, or does not climb; the text says which."""


def problem_with(levels: Sequence[Level]) -> str | None:
    """What keeps these levels from being a ladder, as a sentence; None where nothing does."""
    climbing = sorted(levels, key=lambda level: level[0])
    if not climbing or climbing[-1][2] is None:
        return "The last level must be a post, so that a duty always has a holder."
    if any(post is not None for _, _, post in climbing[:-1]):
        return "Only the last level can be a post: a post never lets go of a duty."
    if any(rank is None for _, rank, _ in climbing[:-1]):
        return "Give every level below the post a least rank."
    ranks = [rank for _, rank, _ in climbing[:-1] if rank is not None]
    return None if ranks == sorted(ranks) else "Each level's least rank must be at least the one below it."


def in_words(policy: EscalationPolicy) -> str:
    """The ladder on one line: "1: Inspector, open in 120 minutes, act in 1440; 2: …"."""
    rungs = policy.rungs.select_related("post").order_by("level")
    return "; ".join(
        f"{rung.level}: {rung.post or rung.get_least_rank_display()}, open in {rung.minutes_to_open} minutes, act in {rung.minutes_to_act}"
        for rung in rungs
    )


@transaction.atomic
def put_in_force(*, by: Person, policy_id: int) -> None:
    """Put a policy in force in place of the one for the same kind of report. Raises Unusable."""
    policy = EscalationPolicy.objects.select_for_update().get(pk=policy_id)
    problem = problem_with([(rung.level, rung.least_rank, rung.post) for rung in policy.rungs.select_related("post")])
    if problem:
        raise Unusable(problem)
    EscalationPolicy.objects.filter(urgent=policy.urgent, in_force=True).update(in_force=False)
    policy.in_force = True
    policy.save(update_fields=["in_force"])
    changed(by=by, policy=policy)


@transaction.atomic
def changed(*, by: Person, policy: EscalationPolicy) -> None:
    """Append the policy as it stands now."""
    rungs: list[Json] = [
        {
            "level": rung.level,
            "least_rank": rung.least_rank,
            "post": rung.post.code if rung.post else None,
            "minutes_to_open": rung.minutes_to_open,
            "minutes_to_act": rung.minutes_to_act,
        }
        for rung in policy.rungs.select_related("post").order_by("level")
    ]
    facts: dict[str, Json] = {"urgent": policy.urgent, "in_force": policy.in_force, "rungs": rungs}
    append(kind="policy.changed", subject=f"policy:{policy.pk}", actor=person_actor(by), facts=facts)


@transaction.atomic
def removed(*, by: Person, policy: EscalationPolicy) -> None:
    """Delete a policy that is not in force."""
    append(kind="policy.removed", subject=f"policy:{policy.pk}", actor=person_actor(by))
    policy.delete()

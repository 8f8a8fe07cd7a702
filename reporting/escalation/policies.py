"""Escalation policies: what a usable ladder is, and which are in force. Every change is a fact with the whole ladder in it.

A policy is for the categories it names, or for any; and for every report, or only where somebody is at risk now. `ladder.best` chooses
between those in force. What would leave it a choice is refused here, and so is what would leave a report without a ladder.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from portal.people.models import Person, Post
from portal.record.appending import append, person_actor
from portal.record.canonical import Json
from reporting.choices import Counting
from reporting.escalation.routing import DESK
from reporting.models import EscalationPolicy, EscalationRung

Level = tuple[int, int | None, Post | None]  # level, least rank, post


ELSEWHERE = (
    "The last level must be the professional standards desk: referrals and reports that leave the line of command out go there. "
    f"Choose the post whose code is {DESK}."
)


class Unusable(Exception):
    """The ladder does not climb, or not to professional standards, or the policy would make the choice unclear; the text says which."""


def problem_with(levels: Sequence[Level]) -> str | None:
    """What keeps these levels from being a ladder, as a sentence; None where nothing does."""
    climbing = sorted(levels, key=lambda level: level[0])
    if not climbing or (last := climbing[-1][2]) is None:
        return "The last level must be a post, so that a duty always has a holder."
    if any(post is not None for _, _, post in climbing[:-1]):
        return "Only the last level can be a post: a post never lets go of a duty."
    if last.code != DESK:
        return ELSEWHERE
    if any(rank is None for _, rank, _ in climbing[:-1]):
        return "Give every level below the post a least rank."
    ranks = [rank for _, rank, _ in climbing[:-1] if rank is not None]
    return None if ranks == sorted(ranks) else "Each level's least rank must be at least the one below it."


def unsound() -> list[str]:
    """What is wrong with the ladders in force, a sentence or two about each: what is refused now may have been put in force before."""
    standing = EscalationPolicy.objects.filter(in_force=True).order_by("name")
    found = {policy: problem_with(levels_of(policy)) for policy in standing}
    return [f"“{policy}” is in force. {problem}" for policy, problem in found.items() if problem]


def levels_of(policy: EscalationPolicy) -> list[Level]:
    return [(rung.level, rung.least_rank, rung.post) for rung in policy.rungs.select_related("post")]


def in_words(policy: EscalationPolicy) -> str:
    """The ladder on one line: "1: Inspector, open in 120 minutes, act in 1440; 2: …"."""
    return "; ".join(_in_words(rung) for rung in policy.rungs.select_related("post").order_by("level"))


def _in_words(rung: EscalationRung) -> str:
    who, works = rung.post or rung.get_least_rank_display(), rung.counting == Counting.WORKING
    hours = " of working hours" if works else ""
    return f"{rung.level}: {who}, open in {rung.minutes_to_open} minutes, act in {rung.minutes_to_act}{hours}"


def same_kind(policy: EscalationPolicy) -> list[EscalationPolicy]:
    """The others in force for just the same reports: the same urgency and the same categories."""
    return [one for one in _beside(policy) if set(one.categories) == set(policy.categories)]


def clash_of(policy: EscalationPolicy) -> str | None:
    """Why it would be unclear, were this in force, which policy a report has; None where nothing makes it so."""
    equals = [one for one in _beside(policy) if len(one.categories) == len(policy.categories) and one.precedence == policy.precedence]
    unclear = next((one for one in equals if set(one.categories) != set(policy.categories)), None)
    if unclear is None:
        return None
    return f"“{unclear}” is in force with the same precedence, and a report may have categories of both. Give one of them another number."


def needed_for_all(policy: EscalationPolicy) -> bool:
    """Whether it is the one that every report has where no other policy is for it."""
    return policy.in_force and not policy.urgent and not policy.categories


@transaction.atomic
def put_in_force(*, by: Person, policy_id: int) -> None:
    """Put a policy in force in place of the one for the same kind of report. Raises Unusable."""
    policy = EscalationPolicy.objects.select_for_update().get(pk=policy_id)
    problem = problem_with(levels_of(policy)) or clash_of(policy)
    if problem:
        raise Unusable(problem)
    for replaced in same_kind(policy):
        _set(by, replaced, in_force=False)
    _set(by, policy, in_force=True)


@transaction.atomic
def take_out_of_force(*, by: Person, policy_id: int) -> None:
    """Let reports sent from now on have the next policy that is for them. Raises Unusable for the one that every report falls back on."""
    policy = EscalationPolicy.objects.select_for_update().get(pk=policy_id)
    if needed_for_all(policy):
        raise Unusable("Every report needs a ladder. Put another policy in force in place of this one.")
    if policy.in_force:
        _set(by, policy, in_force=False)


def _beside(policy: EscalationPolicy) -> list[EscalationPolicy]:
    return list(EscalationPolicy.objects.filter(in_force=True, urgent=policy.urgent).exclude(pk=policy.pk))


def _set(by: Person, policy: EscalationPolicy, *, in_force: bool) -> None:
    policy.in_force = in_force
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
            "counting": rung.counting,
        }
        for rung in policy.rungs.select_related("post").order_by("level")
    ]
    facts: dict[str, Json] = {
        "urgent": policy.urgent,
        "categories": sorted(policy.categories),
        "precedence": policy.precedence,
        "in_force": policy.in_force,
        "rungs": rungs,
    }
    append(kind="policy.changed", subject=f"policy:{policy.pk}", actor=person_actor(by), facts=facts)


@transaction.atomic
def removed(*, by: Person, policy: EscalationPolicy) -> None:
    """Delete a policy that is not in force."""
    append(kind="policy.removed", subject=f"policy:{policy.pk}", actor=person_actor(by))
    policy.delete()

"""What an administrator writes by hand: a handset's description, the app rules, the terms of issue. The admin saves; these record it."""

from __future__ import annotations

from collections.abc import Sequence

from devices.models import AppRule, Handset, RolloutPlan, Terms
from portal.people.models import Person
from portal.record.appending import append, person_actor


def changed(*, by: Person, what: Handset | AppRule | Terms | RolloutPlan, fields: Sequence[str], added: bool = False) -> None:
    """Which fields were written, never what stands in them. Runs inside the transaction that wrote them."""
    noun = {Handset: "handset", AppRule: "app_rule", Terms: "terms", RolloutPlan: "rollout_plan"}[type(what)]
    append(
        kind=f"{noun}.added" if added else f"{noun}.edited",
        subject=f"{noun}:{what.pk}",
        actor=person_actor(by),
        facts={"fields": sorted(fields)},
    )


def removed(*, by: Person, what: AppRule | RolloutPlan) -> None:
    """A rule or a plan was taken away; called before it goes, inside the same transaction."""
    noun = {AppRule: "app_rule", RolloutPlan: "rollout_plan"}[type(what)]
    append(kind=f"{noun}.removed", subject=f"{noun}:{what.pk}", actor=person_actor(by))

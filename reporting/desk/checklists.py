"""Checklists: what to have done before an outcome is recorded. Administrators keep them; a tick is never demanded.

What was ticked is kept with the decision: its keys in the fact, and the words as they stood then sealed with the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.people.models import Person
from portal.record.appending import append, person_actor
from reporting.choices import Outcome
from reporting.models import ChecklistItem


@dataclass(frozen=True, slots=True)
class Ticked:
    """A checklist as somebody left it: the keys they ticked, and all of it in words."""

    keys: list[str]
    words: str


def items_of(outcome: Outcome | str) -> list[ChecklistItem]:
    """What is asked before this outcome, in order."""
    return list(ChecklistItem.objects.filter(in_use=True, outcomes__contains=[outcome]))


def ticked(outcome: Outcome, checked: Sequence[str] | None) -> Ticked | None:
    """The checklist of `outcome` with these keys ticked; None where there is none or it was not shown."""
    items = items_of(outcome) if checked is not None else []
    if checked is None or not items:
        return None
    done = [item for item in items if item.key in checked]
    left = [item for item in items if item.key not in checked]
    said = (("Checked", done), ("Not checked", left))
    return Ticked([item.key for item in done], "\n".join(f"{title}: {'; '.join(map(str, kept))}." for title, kept in said if kept))


def changed(*, by: Person, item: ChecklistItem) -> None:
    """Append the item as it stands now. Runs inside the transaction that wrote it."""
    append(
        kind="checklist.changed",
        subject=f"checklist:{item.key}",
        actor=person_actor(by),
        facts={"text": item.text, "outcomes": list(item.outcomes), "in_use": item.in_use, "is_sample": item.is_sample},
    )


def removed(*, by: Person, item: ChecklistItem) -> None:
    """Called before the item goes, inside the same transaction."""
    append(kind="checklist.removed", subject=f"checklist:{item.key}", actor=person_actor(by))

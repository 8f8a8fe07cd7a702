"""What is doubtful about a deputy: each doubt a sentence, for whoever names one before it is kept, and on their page afterwards.

Nothing here refuses. Whoever climbs the line of command skips a deputy who cannot hold a duty, and says so in the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.people.models import Absence, Person, Rank
from portal.ui import words


def doubts(person: Person, deputy: Person | None, starts_at: datetime, ends_at: datetime) -> list[str]:
    """Why duties may go past the deputy whom `person` names for this stretch. Addressed to `person`."""
    if deputy is None:
        return ["You named no deputy. While you are away, duties go past you to the next above."]
    return [*_standing(person, deputy), *_away(person, deputy, starts_at, ends_at)]


def _standing(person: Person, deputy: Person) -> Iterator[str]:
    if not deputy.is_active:
        yield f"{deputy.name} has left. Duties go past them: name somebody else."
    elif deputy.rank < min(person.rank, Rank.INSPECTOR):
        yield f"{deputy.name} ranks below inspector. Most duties need an inspector or above, and go past them."
    elif deputy.rank < person.rank:
        yield f"{deputy.name} ranks below you. A duty that needs your rank goes past them."


def _away(person: Person, deputy: Person, starts_at: datetime, ends_at: datetime) -> Iterator[str]:
    """The deputy's own absences in this stretch. Two who name each other are said as that, for then neither stands in."""
    for other in Absence.objects.of(deputy).touching(starts_at, ends_at):
        both = f"from {words.moment(max(starts_at, other.starts_at))} to {words.moment(min(ends_at, other.ends_at))}"
        if other.deputy_id == person.pk:
            yield f"{deputy.name} names you as their deputy. You are both away {both}: neither of you can stand in for the other then."
        else:
            yield f"{deputy.name} is away too, {both}. Duties go past both of you then."

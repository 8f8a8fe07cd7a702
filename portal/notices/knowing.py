"""Which notices about reports an administrator may not even see as a row: rooms say so, since notices import none.

A room registers one function from its `AppConfig.ready`:

    knowing.register("reporting", hidden_notices)

It answers, of somebody who reads the list of notices, with the condition that a notice is about something they must not learn of.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q

from portal.people.models import Person

Hidden = Callable[[Person], Q]
_rooms: dict[str, Hidden] = {}


def register(room: str, hidden: Hidden) -> None:
    """Registering a room again replaces its answer."""
    _rooms[room] = hidden


def hidden_from(person: Person) -> Q:
    """The notices that this person must not learn of, whatever room they are about."""
    about = Q(pk__in=[])
    for hidden in _rooms.values():
        about |= hidden(person)
    return about

"""Changes to the ways of reporting outside the portal, told to the record: an officer may act on what the page says."""

from __future__ import annotations

from portal.people.models import Person
from portal.record.appending import append, person_actor
from reporting.models import OutsideRoute


def changed(*, by: Person, route: OutsideRoute) -> None:
    """Append the route as it stands now. Runs inside the transaction that wrote it."""
    append(
        kind="outside_route.changed",
        subject=f"outside_route:{route.pk}",
        actor=person_actor(by),
        facts={"phone": route.phone, "url": route.url, "for_indecent_images": route.for_indecent_images},
    )


def removed(*, by: Person, route: OutsideRoute) -> None:
    """Called before the route goes, inside the same transaction."""
    append(kind="outside_route.removed", subject=f"outside_route:{route.pk}", actor=person_actor(by))

"""What stores found about discrepancies as what two persons may erase: stores, who write it and read it, and administrators."""

from __future__ import annotations

from devices.models import Discrepancy, DiscrepancyQuerySet
from portal.erasure.kinds import Words
from portal.people.models import Person, Role


class Notes:
    """What `portal.erasure` asks of this room."""

    kind = "discrepancy"
    noun = "note"
    title = "Notes on discrepancies"
    elsewhere = "in stores, or an administrator,"
    roles: tuple[str, ...] = (Role.STORES.value, Role.ADMINISTRATOR.value)
    notices = "discrepancy"

    def theirs(self, person: Person) -> DiscrepancyQuerySet:
        found = Discrepancy.objects.closed() if person.has_role(*self.roles) else Discrepancy.objects.none()
        return found.with_people().order_by("closed_at", "pk")

    def words(self, row: Discrepancy) -> Words:
        if row.container is None or row.closed_at is None:
            raise ValueError(f"{row} is open: there is no note yet")
        tag = row.handset.asset_tag
        return Words(
            kind=self.kind,
            key=str(row.pk),
            title=f"Handset {tag}: what stores found, {row.get_what_display().lower()}",
            plain=f"what stores found about handset {tag}",
            container=row.container,
            subject=row.handset.subject,
            written_at=row.closed_at,
            closed_at=row.closed_at,
            writers=[row.closed_by] if row.closed_by else [],
            deciders=Person.objects.active().with_role(*self.roles),
        )

    def page(self, row: Discrepancy, person: Person) -> str:
        return row.handset.get_absolute_url() if person.has_role(Role.STORES) else ""

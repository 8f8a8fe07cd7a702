"""Who works in both worlds: a line of command that reports go up, and one excluded person of every kind that there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from devices.tests.factories import allotted, take
from guidance.acknowledging import acknowledge
from guidance.tests.making import make_document, make_published
from portal.people.models import Absence, Person, Role
from portal.people.tests.factories import PersonFactory, desk
from reporting.choices import Excluded
from reporting.models import Report
from reporting.tests.making import a_line, send, standards_officer
from reporting.tests.reporters import ensure_policies, full_draft


@dataclass(frozen=True)
class Cast:
    """`line`: from the constable who reports up. `standards`: two who are not excluded. `excluded`: each by what they are."""

    line: list[Person]
    standards: list[Person]
    excluded: dict[str, Person]

    @property
    def why(self) -> dict[Person, Excluded]:
        """Each is excluded, in one of the ways that a report excludes people when it is sent."""
        ways = (Excluded.SENDER, Excluded.NAMED, Excluded.LINE)
        return {person: ways[place % len(ways)] for place, person in enumerate(self.excluded.values())}

    @property
    def found_later(self) -> list[Person]:
        """Those of them to whom nothing comes when a report is sent, so that they can be excluded a moment afterwards as well."""
        return [self.excluded[kind] for kind in ("constable", "standards", "auditor")]


def hire() -> Cast:
    """Everybody, in the middle of a working day."""
    ensure_policies()
    line = a_line()
    standards = [standards_officer(last_name="Asker"), standards_officer(last_name="Decider")]
    PersonFactory(rank=30, last_name="Next")
    with_role(Role.PROFESSIONAL_STANDARDS, last_name="Watcher")  # away from the desk: who excludes another is not left alone
    cast = Cast(line, standards, excluded_people(line))
    published = make_published(make_document())
    for person in (line[0], *cast.excluded.values()):
        acknowledge(person=person, slug="code", version_id=published.pk, text_hash=published.text_hash)
    take(cast.excluded["constable"])
    allotted(cast.excluded["inspector"])
    for person in cast.excluded.values():
        full_draft(person)
    work_before(cast)
    return cast


def excluded_people(line: list[Person]) -> dict[str, Person]:
    """The inspector stands in the reporter's line and reads the figures of their unit; whoever works in stores is a deputy above them."""
    inspector: Person = PersonFactory(rank=30, last_name="Figures", line_manager=line[2])
    Person.objects.filter(pk=line[1].pk).update(line_manager=inspector)
    keeper, at = with_role(Role.STORES, last_name="Store", rank=40), timezone.now()
    Absence.objects.create(person=line[3], starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=9), deputy=keeper)
    return {
        "constable": PersonFactory(last_name="Plain"),
        "inspector": inspector,
        "desk": standards_officer(last_name="Desk"),
        "standards": with_role(Role.PROFESSIONAL_STANDARDS, last_name="Standard"),
        "stores": keeper,
        "auditor": with_role(Role.AUDITOR, last_name="Audit", is_staff=True),
        "administrator": with_role(Role.ADMINISTRATOR, last_name="Admin", is_staff=True),
        "superuser": superuser(),
    }


def with_role(role: Role, **fields: object) -> Person:
    person: Person = PersonFactory(**fields)
    person.groups.add(Group.objects.get_or_create(name=role.value)[0])
    return person


def superuser() -> Person:
    """Every role and the admin, at the desk as well."""
    person: Person = PersonFactory(last_name="Super", rank=60, is_staff=True, is_superuser=True)
    person.groups.set(Group.objects.all())
    desk(person)
    return person


def work_before(cast: Cast) -> list[Report]:
    """Reports of others, that the excluded may know of and in part hold, so that no list of theirs is empty."""
    other: Person = PersonFactory(last_name="Other", line_manager=cast.excluded["inspector"])
    return [send(other), send(other, confidential=True), send(other, skip_line=True), send(cast.excluded["constable"])]

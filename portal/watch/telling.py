"""Notices about alarms: to administrators, who mend it, and to professional standards, who answer for the deadlines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portal.notices.kinds import Group
from portal.notices.outbox import Notice
from portal.people.models import Person, Role
from portal.watch.figures import Reading

GROUP = Group(
    code="watch",
    name="The portal itself fell behind",
    about="When deadlines, notices or the record fall behind, and when they are well again.",
    starts=("watch.",),
    order=90,
    always=True,
    urgent=True,
    role=Role.ADMINISTRATOR,
)


def begun(found: Mapping[str, Reading], alarms: Mapping[str, int]) -> Iterator[Notice]:
    for code, key in alarms.items():
        reading = found[code]
        subject = f"{reading.figure.wrong} for {spoken(reading.seconds)}"
        body = (
            f"{subject}; {spoken(reading.limit)} is the most that is well. No deadline is lost: whatever is late fires once, with the time "
            "it was due and the time it fired. “When something falls behind” in docs/operating.md says what to look at."
        )
        yield from _to_all("watch.behind", subject, body, f"watch:{key}")


def over(found: Mapping[str, Reading], alarms: Mapping[str, int]) -> Iterator[Notice]:
    for code, key in alarms.items():
        name = found[code].figure.name
        yield from _to_all("watch.well", f"Well again: {name.lower()}", f"{name}: back within its limit.", f"watch-well:{key}")


def spoken(seconds: float) -> str:
    """ "12 seconds", "3 minutes", "2 hours"."""
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {noun}s"
    return f"{seconds:.0f} second{'' if round(seconds) == 1 else 's'}"


def _to_all(kind: str, subject: str, body: str, dedupe: str) -> list[Notice]:
    """The link is to the page with the figures, for those who may open it."""
    told = Person.objects.active().with_role(Role.ADMINISTRATOR, Role.PROFESSIONAL_STANDARDS)
    standards = set(Person.objects.with_role(Role.PROFESSIONAL_STANDARDS).values_list("pk", flat=True))
    links = {person: "/standards/" if person.pk in standards else "/" for person in told}
    return [
        Notice(to=person, kind=kind, subject=subject, body=body, link=link, dedupe=f"{dedupe}:{person.pk}")
        for person, link in links.items()
    ]

"""What administrators change by hand, told to the record: who may come in, as what, and at which desk."""

from __future__ import annotations

from collections.abc import Iterable

from portal.notices.outbox import Notice, put_all
from portal.people import moving
from portal.people.models import Person, Post, Role, Unit
from portal.people.moving import Departure
from portal.record.appending import append, person_actor
from portal.record.canonical import Json, iso

OPENS_REPORTS = {"groups", "email", "is_active"}  # what an administrator may change that lets somebody in as professional standards


def person_changed(*, by: Person, person: Person, fields: Iterable[str], added: bool) -> None:
    """Say that `by` added a person, or changed these fields of theirs. Roles are named; no other value is."""
    roles = sorted(person.groups.values_list("name", flat=True))
    fact = append(
        kind="person.added" if added else "person.changed",
        subject=f"person:{person.pk}",
        actor=person_actor(by),
        facts={"fields": sorted(fields), "roles": roles, "is_active": person.is_active, "is_staff": person.is_staff},
    )
    if Role.PROFESSIONAL_STANDARDS in roles and (added or OPENS_REPORTS & set(fields)):
        put_all(_warnings(by, person, fact.pk))
    if not added:
        _move(person, set(fields))


def _move(person: Person, fields: set[str]) -> None:
    """What somebody holds moves with the change that takes it from them."""
    if "is_active" in fields and not person.is_active:
        moving.gone({person.pk}, Departure.LEFT)
    elif "unit" in fields and person.is_active:
        moving.gone({person.pk}, Departure.TRANSFERRED)


def _warnings(by: Person, person: Person, fact: int) -> list[Notice]:
    """Notices to everybody else in professional standards: this is how an administrator could come to read reports."""
    told = Person.objects.active().with_role(Role.PROFESSIONAL_STANDARDS).exclude(pk=person.pk).order_by("pk")
    return [
        Notice(
            to=one,
            kind="access.changed",
            subject="Somebody’s way to every report was changed",
            body=(
                f"{by.name_and_unit} gave {person.name_and_unit} the role professional standards, changed the email address they sign in"
                " with, or let them in again. If you did not expect this, tell your head of professional standards now."
            ),
            link="/standards/",
            dedupe=f"access:{fact}:{one.pk}",
        )
        for one in told
    ]


def post_changed(*, by: Person, post: Post) -> None:
    """Say who staffs a post from now on, and who of them is on duty when."""
    members = sorted(str(member) for member in post.members.values_list("pk", flat=True))
    week: list[Json] = [[shift.weekday, f"{shift.starts:%H:%M}", f"{shift.ends:%H:%M}", str(shift.person_id)] for shift in post.rota.all()]
    dated: list[Json] = [[iso(cover.starts_at), iso(cover.ends_at), str(cover.person_id)] for cover in post.covers.all()]
    facts: dict[str, Json] = {"code": post.code, "members": [*members], "rota": week, "covers": dated}
    append(kind="post.changed", subject=f"post:{post.pk}", actor=person_actor(by), facts=facts)


def unit_changed(*, by: Person, unit: Unit) -> None:
    """Say who leads a unit from now on."""
    leader = str(unit.led_by_id) if unit.led_by_id else None
    append(kind="unit.changed", subject=f"unit:{unit.pk}", actor=person_actor(by), facts={"code": unit.code, "led_by": leader})

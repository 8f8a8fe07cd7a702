"""What administrators change by hand, told to the record: who may come in, as what, and at which desk."""

from __future__ import annotations

from collections.abc import Iterable

from portal.people.models import Person, Post
from portal.record.appending import append, person_actor


def person_changed(*, by: Person, person: Person, fields: Iterable[str], added: bool) -> None:
    """Say that `by` added a person, or changed these fields of theirs. Roles are named; no other value is."""
    roles = sorted(person.groups.values_list("name", flat=True))
    append(
        kind="person.added" if added else "person.changed",
        subject=f"person:{person.pk}",
        actor=person_actor(by),
        facts={"fields": sorted(fields), "roles": roles, "is_active": person.is_active, "is_staff": person.is_staff},
    )


def post_changed(*, by: Person, post: Post) -> None:
    """Say who staffs a post from now on."""
    members = sorted(str(member) for member in post.members.values_list("pk", flat=True))
    append(kind="post.changed", subject=f"post:{post.pk}", actor=person_actor(by), facts={"code": post.code, "members": members})

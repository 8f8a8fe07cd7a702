"""Signing in: allauth's backend, with the person, unit and roles loaded in one query, and no way to register oneself."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from portal.people.models import Person, Unit
from portal.postgres.base import one

# Written by hand: it runs at every request, and building it afresh would cost more than the database's answer.
PERSON = [field.attname for field in Person._meta.concrete_fields]
UNIT = [field.attname for field in Unit._meta.concrete_fields]
WHO = f"""
SELECT {", ".join(f"person.{name}" for name in PERSON)},
    ARRAY(
        SELECT role.name FROM auth_group AS role JOIN people_person_groups AS has ON has.group_id = role.id WHERE has.person_id = person.id
    ),
    {", ".join(f"unit.{name}" for name in UNIT)}
FROM people_person AS person LEFT JOIN people_unit AS unit ON unit.id = person.unit_id
WHERE person.id = %s AND person.is_active
"""  # noqa: S608 - names of columns


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    def get_user(self, user_id: Any) -> Person | None:
        """The signed-in person, read from the database at every request so that deactivation takes effect at once."""
        found = one(WHO, [user_id])
        if found is None:
            return None
        person = Person.from_db("default", PERSON, found[: len(PERSON)])
        person.roles = frozenset(found[len(PERSON)])
        if person.unit_id is not None:
            person.unit = Unit.from_db("default", UNIT, found[len(PERSON) + 1 :])
        return person


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "That email and password don't match. Check both and try again",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come from the directory import alone."""
        return False

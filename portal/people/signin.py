"""Signing in: allauth's backend, with the person, unit and roles loaded in one query, and no way to register oneself."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q
from django.http import HttpRequest

from portal.people.models import Person


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    def get_user(self, user_id: Any) -> Person | None:
        """The signed-in person, read from the database at every request so that deactivation takes effect at once."""
        person: Person | None = (
            Person.objects.select_related("unit")
            .annotate(role_names=ArrayAgg("groups__name", filter=Q(groups__isnull=False), default=[]))
            .filter(pk=user_id, is_active=True)
            .first()
        )
        if person is not None:
            person.roles = frozenset(getattr(person, "role_names", ()))
        return person


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "That email and password don't match. Check both and try again",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come from the directory import alone."""
        return False

"""What one person asks for and another decides: the columns and constraints that every such request has."""

from __future__ import annotations

import uuid
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.requests.choices import ErasureState, Ground

Request = TypeVar("Request", bound="Asked")


class AskedQuerySet(models.QuerySet[Request]):
    def waiting(self) -> Self:
        """Asked for, and not yet decided by a second person."""
        return self.filter(state=Asked.WAITING)


class Asked(models.Model):
    """Who asked, and who decided; times come from the database."""

    WAITING, REFUSED, WITHDRAWN = "asked", "refused", "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    state: models.CharField[str, str]  # each kind of request has states of its own; three of them are above

    class Meta:
        abstract = True
        default_permissions = ()

    def get_state_display(self) -> str:
        """What the state is called. Django puts one in its place that knows the states of this kind."""
        raise NotImplementedError


class AskedErasure(Asked):
    """A request to erase. The reason is sealed under `erasure-<id>`, that of a refusal under `refusal-<id>`, in a container of their own:
    they outlive what is erased."""

    ground = models.CharField(max_length=12, choices=Ground)
    container = models.UUIDField()
    state = models.CharField(max_length=12, choices=ErasureState, default=ErasureState.ASKED)

    class Meta(Asked.Meta):
        abstract = True


def of_two(name: str, *, of: str) -> list[models.BaseConstraint]:
    """What PostgreSQL holds erasures to, in constraints that begin with `name`: two persons, and one erasure of each `of`, a column."""
    decided = Q(state__in=[ErasureState.DONE, ErasureState.REFUSED])
    return [
        models.UniqueConstraint(fields=[of], condition=Q(state=ErasureState.ASKED), name=f"{name}_one_waiting"),
        models.UniqueConstraint(fields=[of], condition=Q(state=ErasureState.DONE), name=f"{name}_once"),
        models.CheckConstraint(
            name=f"{name}_two_people",
            condition=~decided | Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by")),
        ),
        models.CheckConstraint(name=f"{name}_decided_has_time", condition=Q(state=ErasureState.ASKED) ^ Q(decided_at__isnull=False)),
        models.CheckConstraint(name=f"{name}_decided_by_somebody", condition=decided | Q(decided_by__isnull=True)),
    ]

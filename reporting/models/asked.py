"""What one person asks for and another decides: the columns that every such request has."""

from __future__ import annotations

import uuid
from typing import Self, TypeVar

from django.conf import settings
from django.db import models

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

    class Meta:
        abstract = True
        default_permissions = ()

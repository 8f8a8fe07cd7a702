"""What few may read and what can be erased: a container has one data key, and items sealed under it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now


class Container(models.Model):
    """One data key, wrapped by the master key. Erasing sets the wrapped key to null: every item in it is then noise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=40)
    wrapped_key = models.BinaryField(null=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="container_key_or_erased",
                condition=models.Q(wrapped_key__isnull=False, erased_at__isnull=True)
                | models.Q(wrapped_key__isnull=True, erased_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class Item(models.Model):
    """One sealed value. A name sealed again gets a later row; the newest is the one read."""

    container = models.ForeignKey(Container, on_delete=models.CASCADE, related_name="items")
    name = models.CharField(max_length=120)
    nonce = models.BinaryField(max_length=12)
    sealed = models.BinaryField(null=True)  # null for a file: its bytes are on disk, under this row's key
    size = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["container", "name", "-id"], name="item_newest")]

    def __str__(self) -> str:
        return f"{self.name} in {self.container_id}"


def erased(column: str) -> models.Exists:
    """Whether the container whose key is in this column of a query was erased."""
    return models.Exists(Container.objects.filter(pk=models.OuterRef(column), erased_at__isnull=False))

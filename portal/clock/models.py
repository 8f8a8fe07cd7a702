"""The clock's sign of life."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When each always-on loop last went round, by the database's time."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"

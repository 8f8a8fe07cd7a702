"""Signs of life of what always runs; when something fell behind, and when it was well again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Heartbeat(models.Model):
    """When each thing that always runs last went round, by the database's time."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "clock_heartbeat"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"


class Alarm(models.Model):
    """One episode: a figure passed its limit at `since`, by the database's time, and was well again at `well_at`."""

    figure = models.CharField(max_length=20)
    since = models.DateTimeField()
    well_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["figure"], condition=Q(well_at__isnull=True), name="alarm_once_an_episode"),
            models.CheckConstraint(name="alarm_ends_after_start", condition=Q(well_at__isnull=True) | Q(well_at__gte=models.F("since"))),
        ]

    def __str__(self) -> str:
        return f"{self.figure} since {self.since:%d %b %H:%M}"

"""What professional standards enter about a report: their own decisions, which reports belong together, and who must not know of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from reporting.choices import Conflicted, Recorded
from reporting.models.reports import Report


class Finding(models.Model):
    """A decision of professional standards, and the day of it. Words about it are sealed under `finding-<id>` in the report's container."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="findings")
    what = models.CharField(max_length=12, choices=Recorded)
    day = models.DateField()
    shared = models.BooleanField(default=False)  # whether the reporter may read of it
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["report", "at"], name="finding_of_report")]

    def __str__(self) -> str:
        return f"{self.get_what_display()}, {self.report}"


class Link(models.Model):
    """Two reports that belong together, until somebody takes them apart. The reasons are sealed in both reports' containers, under
    `link-<id>` and `unlink-<id>`; `first` has the lower key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="link_of_two", condition=Q(first__lt=F("second"))),
            models.UniqueConstraint(fields=["first", "second"], condition=Q(ended_at__isnull=True), name="linked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"


class Conflict(models.Model):
    """Somebody whom professional standards keep from a report, until they are let back. The reasons are sealed in the report's container,
    under `conflict-<id>` and `conflict-ended-<id>`.

    While it stands the person is in `Exclusion` as well. Who was found to be what goes with the report's content.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="conflicts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=8, choices=Conflicted)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["report", "person"], condition=Q(ended_at__isnull=True), name="conflict_once"),
            models.CheckConstraint(name="conflict_of_another", condition=~Q(by=F("person"))),
        ]

    def __str__(self) -> str:
        return f"somebody excluded from {self.report}"

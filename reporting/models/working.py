"""What holders and professional standards keep while they work on a report: notes, and what they have not recorded yet."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from reporting.choices import Outcome
from reporting.models.duties import Duty
from reporting.models.reports import Report


class Note(models.Model):
    """A note for whoever holds or oversees the report. The words are sealed under `note-<id>` in the report's container."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["report", "at"], name="note_of_report")]

    def __str__(self) -> str:
        return f"note on {self.report}"


class Unrecorded(models.Model):
    """What somebody began to write about what they did, and has not recorded. It is sealed under `unrecorded-<person>` and theirs alone."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="unrecorded")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["report", "person"], name="unrecorded_once")]

    def __str__(self) -> str:
        return f"unrecorded outcome on {self.report}"


class ChecklistItem(models.Model):
    """Something to have done before an outcome is recorded. `key` is what facts say of it: it stays when the words change."""

    key = models.SlugField(max_length=40, unique=True, help_text="What the record says of it. It can't be changed later.")
    outcomes = ArrayField(models.CharField(max_length=16, choices=Outcome), verbose_name="shown for these outcomes")
    text = models.CharField("what to have done", max_length=200)
    order = models.PositiveSmallIntegerField(default=0)
    in_use = models.BooleanField(default=True)
    is_sample = models.BooleanField("sample, to be replaced by the force's own", default=False)

    class Meta:
        ordering = ["order", "key"]

    def __str__(self) -> str:
        return self.text


class Assignment(models.Model):
    """The member of a post who works on a duty that the post holds. The post remains the holder."""

    duty = models.OneToOneField(Duty, on_delete=models.PROTECT, related_name="assignment")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["person"], name="assigned_to")]

    def __str__(self) -> str:
        return f"{self.duty} is with {self.person}"

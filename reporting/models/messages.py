"""What is said about a report after it was sent, and the files that came with it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from reporting.choices import MessageKind
from reporting.models.drafts import Draft
from reporting.models.reports import Report


class Message(models.Model):
    """A question, an answer or an addition. The words are sealed under `message-<id>` in the report's container."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=8, choices=MessageKind)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answers = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="answer")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="message_answers_a_question", condition=Q(kind=MessageKind.ANSWER) ^ Q(answers__isnull=True))
        ]
        indexes = [models.Index(fields=["report", "at"], name="message_of_report")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.report}"


class Attachment(models.Model):
    """A file kept as it was sent (`file-<id>` in the vault) with the re-encoded copy that pages show (`preview-<id>`).

    The name it came with is sealed under `name-<id>`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, null=True, on_delete=models.DO_NOTHING, related_name="attachments")
    report = models.ForeignKey(Report, null=True, on_delete=models.PROTECT, related_name="attachments")
    container = models.UUIDField()
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    preview_type = models.CharField(max_length=40, blank=True)
    commitment = models.CharField(max_length=80)  # what `vault.store_file` returned, for the fact that tells of it
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        default_permissions = ()
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return f"{self.media_type} of {self.size} bytes"

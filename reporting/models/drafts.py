"""A report that is being written."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

KEPT_FOR = timedelta(days=28)  # a draft that nobody touches is erased after so long


class Draft(models.Model):
    """A report not sent yet. Everything typed is sealed; `step` remembers the furthest page reached."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    container = models.UUIDField()
    step = models.CharField(max_length=12, default="message")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["reporter", "-saved_at"], name="draft_of_reporter")]

    def __str__(self) -> str:
        return f"draft {self.pk}"

    @property
    def kept_until(self) -> datetime:
        """When `drafting.discard_old` erases it, unless it is saved again before."""
        return self.saved_at + KEPT_FOR

    @property
    def next_page(self) -> str:
        """What is left to do, in the words of the pages."""
        return {"message": "the message", "people": "the people", "response": "what you did"}.get(self.step, "check and send")

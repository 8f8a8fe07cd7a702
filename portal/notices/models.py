"""The outbox: what is to be told to whom, written in the transaction that makes it true and delivered later."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    FAILED = "failed", "Given up"


class OutboxQuerySet(models.QuerySet["Outbox"]):
    def due(self) -> OutboxQuerySet:
        return self.filter(state=State.WAITING, next_try_at__lte=Now()).order_by("next_try_at", "id")


class Outbox(models.Model):
    """One notice. Holds plain words and a link, never report content."""

    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=160)
    body = models.TextField()
    link = models.CharField(max_length=300)
    dedupe = models.CharField(max_length=160, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING, db_default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_error = models.CharField(max_length=200, default="", db_default="", blank=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    next_try_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = "notice"
        constraints = [
            models.CheckConstraint(
                name="outbox_sent_has_time", condition=models.Q(state=State.SENT, sent_at__isnull=False) | ~models.Q(state=State.SENT)
            )
        ]
        indexes = [models.Index(fields=["next_try_at", "id"], name="outbox_due", condition=models.Q(state=State.WAITING))]

    def __str__(self) -> str:
        return f"notice {self.pk}"

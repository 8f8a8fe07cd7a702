"""Paper copies: which were asked for and where they lie. Receipts themselves have no table: they are made from facts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class CopyState(models.TextChoices):
    WANTED = "wanted", "Wanted"
    MADE = "made", "Made"
    FAILED = "failed", "Failed"


class CopyQuerySet(models.QuerySet["Copy"]):
    def due(self) -> CopyQuerySet:
        """Wanted, and not being made by somebody else just now; the longest waiting first."""
        return self.filter(state=CopyState.WANTED, next_try_at__lte=Now()).order_by("next_try_at", "id")


class Copy(models.Model):
    """One paper for one person. It can be made again at any time, so nothing is lost with a row."""

    kind = models.CharField(max_length=40)  # which builder makes it
    key = models.CharField(max_length=120)  # of what: the builder reads it
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=6, choices=CopyState, default=CopyState.WANTED, db_default=CopyState.WANTED)
    container = models.UUIDField(null=True)  # where the PDF is sealed: the container of what it tells of, so that erasure takes it along
    final = models.BooleanField(default=False, db_default=False)  # whether what it tells of can change no more
    stamped = models.BooleanField(default=False, db_default=False)  # PAdES B-T; otherwise B-B
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    wanted_at = models.DateTimeField(db_default=Now())
    next_try_at = models.DateTimeField(db_default=Now())
    made_at = models.DateTimeField(null=True)

    objects = CopyQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "key"], name="copy_once"),
            models.CheckConstraint(name="copy_state", condition=models.Q(state__in=CopyState.values)),
            models.CheckConstraint(
                name="copy_made_lies_somewhere",
                condition=~models.Q(state=CopyState.MADE) | models.Q(made_at__isnull=False, container__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["next_try_at", "id"], name="copy_due", condition=models.Q(state=CopyState.WANTED))]

    def __str__(self) -> str:
        return f"paper copy {self.pk}"

    @property
    def item(self) -> str:
        """The name that its PDF is sealed under."""
        return f"paper-{self.pk}"

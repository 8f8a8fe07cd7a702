"""Requests to erase what a report says, and what a second person decided."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from reporting.choices import ErasureState, Ground
from reporting.models.asked import Asked, AskedQuerySet
from reporting.models.reports import Report


class ErasureQuerySet(AskedQuerySet["Erasure"]):
    pass


class Erasure(Asked):
    """A request to erase what a report says, and what a second person decided.

    The reason is sealed under `erasure-<id>`, that of a refusal under `refusal-<id>`, in a container of their own: they outlive the
    report's.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="erasures")
    ground = models.CharField(max_length=12, choices=Ground)
    container = models.UUIDField()
    state = models.CharField(max_length=12, choices=ErasureState, default=ErasureState.ASKED)

    objects = ErasureQuerySet.as_manager()

    class Meta(Asked.Meta):
        constraints = [
            models.UniqueConstraint(fields=["report"], condition=Q(state=ErasureState.ASKED), name="erasure_one_waiting"),
            models.UniqueConstraint(fields=["report"], condition=Q(state=ErasureState.DONE), name="erasure_once"),
            models.CheckConstraint(
                name="erasure_two_people",
                condition=~Q(state__in=[ErasureState.DONE, ErasureState.REFUSED])
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(name="erasure_decided_has_time", condition=Q(state=ErasureState.ASKED) ^ Q(decided_at__isnull=False)),
            models.CheckConstraint(
                name="erasure_decided_by_somebody",
                condition=Q(state__in=[ErasureState.DONE, ErasureState.REFUSED]) | Q(decided_by__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], name="erasure_waiting", condition=Q(state=ErasureState.ASKED))]

    def __str__(self) -> str:
        return f"erasure of {self.report}"

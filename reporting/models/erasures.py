"""Requests to erase what a report says, and what a second person decided."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from portal.requests.asked import Asked, AskedErasure, AskedQuerySet, of_two
from portal.requests.choices import ErasureState
from reporting.models.reports import Report


class ErasureQuerySet(AskedQuerySet["Erasure"]):
    pass


class Erasure(AskedErasure):
    """A request to erase what a report says, and what a second person decided."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="erasures")

    objects = ErasureQuerySet.as_manager()

    class Meta(Asked.Meta):
        constraints = of_two("erasure", of="report")
        indexes = [models.Index(fields=["asked_at"], name="erasure_waiting", condition=Q(state=ErasureState.ASKED))]

    def __str__(self) -> str:
        return f"erasure of {self.report}"

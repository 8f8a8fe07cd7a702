"""What a reporter is promised: to hear by a time, and that they may dispute a closure once."""

from __future__ import annotations

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from reporting.choices import Counting, PromiseState, ReportState
from reporting.models.reports import Report

YEAR_OF_HOURS, YEAR_OF_DAYS = 8_784, 366


class PromiseTerms(models.Model):
    """What reporters are promised, as data. The terms for a new report are frozen with its first promise."""

    urgent = models.BooleanField("for reports where somebody is at risk now", unique=True)
    hours_to_hear = models.PositiveIntegerField(
        "hours within which the reporter hears",
        default=672,
        validators=[MinValueValidator(1), MaxValueValidator(YEAR_OF_HOURS)],
        help_text="Counted from when they send the report, and again from each time somebody writes to them. 672 hours are 28 days.",
    )
    counting = models.CharField(
        "which hours count",
        max_length=8,
        choices=[(Counting.ELAPSED, "Every hour"), (Counting.WORKING, "Working hours")],
        default=Counting.ELAPSED,
        help_text="Working hours are those of the usual shift pattern. Where somebody is at risk every hour counts.",
    )
    days_to_dispute = models.PositiveIntegerField(
        "days within which the reporter may dispute what was done",
        default=28,
        validators=[MinValueValidator(1), MaxValueValidator(YEAR_OF_DAYS)],
    )

    class Meta:
        verbose_name = verbose_name_plural = "what reporters are promised"
        ordering = ["urgent"]
        constraints = [
            models.CheckConstraint(
                name="promise_urgent_elapses",
                condition=Q(urgent=False) | Q(counting=Counting.ELAPSED),
                violation_error_message="Where somebody is at risk every hour counts.",
            )
        ]

    def __str__(self) -> str:
        return "When somebody is at risk now" if self.urgent else "Usual reports"


class PromiseQuerySet(models.QuerySet["Promise"]):
    def open(self) -> PromiseQuerySet:
        return self.filter(state=PromiseState.OPEN)

    def due(self, at: datetime) -> PromiseQuerySet:
        """Promises of open reports that were not kept by `at`, and whose miss was not kept either; the oldest first."""
        return self.open().filter(due_at__lte=at, report__state=ReportState.OPEN).order_by("due_at", "pk")


class Promise(models.Model):
    """That a reporter hears by `due_at`. Their next one begins where this ends, so a missed promise can't be missed twice.

    `terms` are those the report was sent under, the same in each of its promises. Times come from the database.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="promises")
    seq = models.PositiveSmallIntegerField()
    terms = models.JSONField()
    state = models.CharField(max_length=8, choices=PromiseState, default=PromiseState.OPEN)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["report", "seq"], name="promise_seq_once"),
            models.UniqueConstraint(fields=["report"], condition=Q(state=PromiseState.OPEN), name="promise_one_open"),
            models.CheckConstraint(name="promise_ended_has_time", condition=Q(state=PromiseState.OPEN) ^ Q(ended_at__isnull=False)),
            models.CheckConstraint(name="promise_never_early", condition=~Q(state=PromiseState.MISSED) | Q(ended_at__gte=F("due_at"))),
            models.CheckConstraint(name="promise_kept_in_time", condition=~Q(state=PromiseState.KEPT) | Q(ended_at__lt=F("due_at"))),
        ]
        indexes = [models.Index(fields=["due_at"], name="promise_due", condition=Q(state=PromiseState.OPEN))]

    def __str__(self) -> str:
        return f"{self.report} promise {self.seq}"


class Dispute(models.Model):
    """That a reporter disputed a closure, which they may once. `against` is the duty that had closed the report.

    The reason is sealed under `disputed-<the report's key>`.
    """

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="dispute")
    against = models.OneToOneField("reporting.Duty", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"dispute of {self.report}"

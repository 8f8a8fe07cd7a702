"""Figures that are counted up beforehand, so that no page scans duties: see `reporting.counting.reckoning`."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from reporting.choices import Category, Counted
from reporting.models.duties import Duty
from reporting.models.reports import Report


class Measured(models.Model):
    """What one duty adds to the figures, as it was counted last. Times are buckets of `reporting.counting.buckets`, null if not measured.

    It has no unit where the reporter's name is kept back: their unit would say where the report came from.
    """

    duty = models.OneToOneField(Duty, primary_key=True, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    kept_back = models.BooleanField()
    categories = ArrayField(models.CharField(max_length=16, choices=Category))
    lapsed = models.BooleanField()
    aside = models.PositiveSmallIntegerField()
    told_opened = models.PositiveSmallIntegerField(null=True)
    opened_acted = models.PositiveSmallIntegerField(null=True)
    passed_acted = models.PositiveSmallIntegerField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["month", "unit"], name="measured_of_month")]

    def __str__(self) -> str:
        return f"figures of duty {self.pk}"


class Figure(models.Model):
    """How many of `what` there were in one unit, month and category; the category "" has every duty once, whatever its categories.

    Times are counted by bucket, so that medians of many months and units can be had by adding.
    """

    unit = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    category = models.CharField(max_length=16, blank=True)
    kept_back = models.BooleanField()
    what = models.CharField(max_length=12, choices=Counted)
    bucket = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["month", "unit", "category", "kept_back", "what", "bucket"], name="figure_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["category", "month"], name="figure_of_category")]

    def __str__(self) -> str:
        return f"{self.number} {self.what} in {self.month:%B %Y}"


class Reckoned(models.Model):
    """How far figures are counted: up to this place in the record, at that time. One row, locked by whoever counts."""

    leaf_index = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"figures up to fact {self.leaf_index}"

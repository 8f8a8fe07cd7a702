"""Working hours as administrators keep them, and calendars as they once were, kept for the deadlines that were promised by them."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from portal.hours.counting import Shift as Stretch
from portal.people.models import Weekday


class Pattern(models.Model):
    """Which hours of which weekdays count. Units and posts that follow no other pattern follow the default one."""

    name = models.CharField(max_length=80, unique=True)
    is_default = models.BooleanField("for every unit and post that has no other pattern", default=False, editable=False)
    on_closed_days = models.BooleanField(
        "bank holidays and closed days count too", default=False, help_text="For shifts that are worked whatever the day."
    )

    class Meta:
        verbose_name = "shift pattern"
        ordering = ["-is_default", "name"]
        constraints = [models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="pattern_one_default")]

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """One stretch of a weekday. One that ends at or before its beginning ends the next day."""

    pattern = models.ForeignKey(Pattern, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    starts = models.TimeField()
    ends = models.TimeField(help_text="At or before the start: the next day.")

    class Meta:
        ordering = ["weekday", "starts"]
        constraints = [models.UniqueConstraint(fields=["pattern", "weekday", "starts"], name="shift_once")]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M} to {self.ends:%H:%M}"

    @property
    def stretch(self) -> Stretch:
        return Stretch(self.weekday, minutes_of(self.starts), minutes_of(self.ends))


class Follower(models.Model):
    """A unit or a post that follows a pattern rather than the default one."""

    pattern = models.ForeignKey(Pattern, on_delete=models.CASCADE, related_name="followers")
    unit = models.OneToOneField("people.Unit", null=True, blank=True, on_delete=models.CASCADE, related_name="follows")
    post = models.OneToOneField("people.Post", null=True, blank=True, on_delete=models.CASCADE, related_name="follows")

    class Meta:
        verbose_name = "unit or post"
        verbose_name_plural = "units and posts that follow it"
        constraints = [
            models.CheckConstraint(
                name="follower_unit_or_post",
                condition=Q(unit__isnull=False) ^ Q(post__isnull=False),
                violation_error_message="Choose a unit or a post, one of them on each line.",
            )
        ]

    def __str__(self) -> str:
        return str(self.unit or self.post)


class ClosedDay(models.Model):
    """A day on which nobody is expected to work, beside the bank holidays of England."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%d %B %Y} {self.name}"


class KeptCalendar(models.Model):
    """A calendar as it was when somebody was promised a deadline by it. Its key is the SHA-256 of its text, so it cannot be another."""

    digest = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()
    kept_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest


def minutes_of(at: time) -> int:
    """Minutes after midnight."""
    return at.hour * 60 + at.minute

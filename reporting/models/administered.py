"""What administrators keep as data: ladders, and ways to report that are not this portal. Import them from `reporting.models`."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q

from portal.people.models import Rank
from reporting.choices import Category, Counting

LONGEST = 90 * 24 * 60  # minutes: nobody waits for longer than this


class EscalationPolicy(models.Model):
    """A ladder as data. The one in force for a new report is frozen into it when it is sent; `policies.best` says which that is."""

    name = models.CharField(max_length=80, unique=True)
    urgent = models.BooleanField("only for reports where somebody is at risk now", default=False)
    categories = ArrayField(
        models.CharField(max_length=16, choices=Category),
        default=list,
        blank=True,
        help_text="Choose none and the policy is for every category that no other policy names.",
    )
    precedence = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1)],
        help_text="Where a report has categories of two policies that name as many, the lower number counts.",
    )
    in_force = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "escalation policies"
        constraints = [
            models.UniqueConstraint(fields=["urgent"], condition=Q(in_force=True, categories=[]), name="policy_one_for_any_category"),
            models.UniqueConstraint(
                F("urgent"),
                Func(F("categories"), function="cardinality", output_field=models.IntegerField()),
                F("precedence"),
                condition=Q(in_force=True),
                name="policy_in_force_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EscalationRung(models.Model):
    """One level of a ladder: a least rank to look for up the line of command, or, at the top, a post."""

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="rungs")
    level = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    least_rank = models.PositiveSmallIntegerField(choices=Rank, null=True, blank=True)
    post = models.ForeignKey("people.Post", null=True, blank=True, on_delete=models.PROTECT)
    minutes_to_open = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(LONGEST)])
    minutes_to_act = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(LONGEST)])
    counting = models.CharField(
        "time", max_length=8, choices=Counting, default=Counting.ELAPSED, help_text="Working hours are those of the holder's unit or post."
    )

    class Meta:
        ordering = ["policy", "level"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "level"], name="rung_level_once"),
            models.CheckConstraint(
                name="rung_rank_or_post",
                condition=Q(least_rank__isnull=False) ^ Q(post__isnull=False),
                violation_error_message="Choose a least rank or a post, one of them at each level.",
            ),
            models.CheckConstraint(
                name="rung_open_before_act",
                condition=Q(minutes_to_open__lte=F("minutes_to_act")),
                violation_error_message="The time to open can’t be longer than the time to act.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} level {self.level}"


class OutsideRoute(models.Model):
    """A way to report that is not this portal, shown on the report pages. An administrator keeps the list."""

    name = models.CharField(max_length=120, unique=True)
    about = models.CharField("when to use it", max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    url = models.URLField("web address", blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    for_indecent_images = models.BooleanField(
        "the phone route for indecent images of children", default=False, help_text="Shown in the warning before anything can be uploaded."
    )

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(
                name="route_phone_or_url",
                condition=~Q(phone="") | ~Q(url=""),
                violation_error_message="Enter a phone number or an address.",
            ),
            models.UniqueConstraint(
                fields=["for_indecent_images"],
                condition=Q(for_indecent_images=True),
                name="one_indecent_image_route",
                violation_error_message="Another route is the one for indecent images of children. Take that off it first.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

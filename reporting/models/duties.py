"""The duty to act: who held it, which deadlines passed, and what the holder decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q

from portal.people.models import Person, Post, PostMember
from reporting.choices import OPEN_STATES, Deadline, DutyState, Outcome, Why
from reporting.models.reports import Exclusion, Report


class DutyQuerySet(models.QuerySet["Duty"]):
    def open(self) -> DutyQuerySet:
        return self.filter(state__in=OPEN_STATES)

    def held_by(self, person: Person) -> DutyQuerySet:
        """Duties this person holds now: their own, and those of the posts they staff, never where they are excluded."""
        hidden = Exclusion.objects.filter(report=models.OuterRef("report"), person=person)
        return self.open().filter(Q(holder=person) | Q(_at_a_post_of(person))).exclude(models.Exists(hidden))

    def ever_held_by(self, person: Person) -> DutyQuerySet:
        """Duties this person holds or held, themselves or with a post they staff; exclusions are the caller's to see to.

        What a post held and was over when they came to it, or came back, was never theirs.
        """
        return self.filter(Q(holder=person) | _not_over_when_they_came(person))

    def had_by(self, person: Person) -> DutyQuerySet:
        """As `ever_held_by`, and those of a post they staffed once that they did something about themselves: what they did stays theirs."""
        return self.filter(Q(holder=person) | _not_over_when_they_came(person) | Q(_handled_by(person)))

    def late(self, at: datetime) -> DutyQuerySet:
        """Open duties with a deadline that has passed."""
        return self.open().filter(Q(act_due_at__lte=at) | Q(opened_at__isnull=True, open_due_at__lte=at))

    def due(self, at: datetime) -> DutyQuerySet:
        """Duties with a deadline at or before `at` that has not fired."""
        return self.filter(next_due_at__lte=at).order_by("next_due_at")

    def most_urgent_first(self) -> DutyQuerySet:
        return self.order_by(F("next_due_at").asc(nulls_first=True), "act_due_at", "id")


def _at_a_post_of(person: Person) -> Func:
    return _any("post_id", PostMember.objects.filter(person=person).values("post"))


def _not_over_when_they_came(person: Person) -> Q:
    came = PostMember.objects.filter(person=person, post=models.OuterRef("post")).filter(
        Q(since__isnull=True) | Q(since__lt=models.OuterRef("ended_at"))
    )
    return Q(_at_a_post_of(person)) & (Q(ended_at__isnull=True) | Q(models.Exists(came)))


def _handled_by(person: Person) -> Func:
    return _any("pk", Handling.objects.filter(person=person).values("duty"))


def _any(column: str, of: models.QuerySet[Any, Any]) -> Func:
    """`post_id = ANY (ARRAY(…))`: posts are read once, so that PostgreSQL can use an index for each half of "mine or my desk's"."""
    return Func(F(column), ArraySubquery(of), template="%(expressions)s)", arg_joiner=" = ANY (", output_field=models.BooleanField())


class Duty(models.Model):
    """Who held the duty to act, from when and why. It ends where the next of the same report begins, or when its holder acts.

    `next_due_at` is the deadline the clock watches: to open until opened, then to act; null once nothing is left to fire.
    Times come from the database.
    """

    # An index of their own for report, holder and post would cost every lapse more entries: others begin with the same columns.
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="duties", db_index=False)
    seq = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="duties", db_index=False)
    post = models.ForeignKey("people.Post", null=True, on_delete=models.PROTECT, related_name="duties", db_index=False)
    why = models.CharField(max_length=16, choices=Why)
    skipped = models.JSONField(default=list)  # who was passed over on the way here, and why
    state = models.CharField(max_length=16, choices=DutyState, default=DutyState.SENT)

    from_at = models.DateTimeField()
    open_due_at = models.DateTimeField()
    act_due_at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    taken_up_at = models.DateTimeField(null=True)
    acted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "duties"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["report", "seq"], name="duty_seq_once"),
            models.UniqueConstraint(fields=["report"], condition=Q(state__in=OPEN_STATES), name="duty_one_holder"),
            models.CheckConstraint(name="duty_officer_or_post", condition=Q(holder__isnull=False) ^ Q(post__isnull=False)),
            models.CheckConstraint(name="duty_ended_watches_nothing", condition=Q(state__in=OPEN_STATES) | Q(next_due_at__isnull=True)),
            models.CheckConstraint(
                name="duty_acted_has_time", condition=~Q(state__in=[DutyState.ACTED, DutyState.REOPENED]) | Q(acted_at__isnull=False)
            ),
            models.CheckConstraint(name="duty_open_until_it_ends", condition=Q(state__in=OPEN_STATES) ^ Q(ended_at__isnull=False)),
            models.CheckConstraint(name="duty_opened_has_time", condition=~Q(state=DutyState.OPENED) | Q(opened_at__isnull=False)),
            models.CheckConstraint(
                name="duty_taken_up_has_times",
                condition=~Q(state=DutyState.TAKEN_UP) | Q(opened_at__isnull=False) & Q(taken_up_at__isnull=False),
            ),
            models.CheckConstraint(name="duty_deadlines_in_order", condition=Q(open_due_at__lte=F("act_due_at"))),
        ]
        indexes = [
            models.Index(fields=["next_due_at"], name="duty_due", condition=Q(next_due_at__isnull=False)),
            models.Index(fields=["holder", "next_due_at"], name="duty_of_holder", condition=Q(state__in=OPEN_STATES)),
            models.Index(fields=["post", "next_due_at"], name="duty_of_post", condition=Q(state__in=OPEN_STATES, post__isnull=False)),
            models.Index(fields=["post"], name="duty_ever_of_post", condition=Q(post__isnull=False)),
            models.Index(fields=["holder", "-from_at"], name="duty_had_by"),
        ]

    def __str__(self) -> str:
        return f"{self.report} #{self.seq}"

    @property
    def desk(self) -> Post:
        """The post that holds it. Raises ValueError where a person does."""
        if self.post is None:
            raise ValueError(f"duty {self.pk} is with a person")
        return self.post


class Handling(models.Model):
    """Somebody who opened, took up, wrote about or acted on a duty of a post they staffed. It stays theirs when they leave the post."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="handlings", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["duty", "person"], name="handling_once")]

    def __str__(self) -> str:
        return f"{self.person} on {self.duty}"


class Lapse(models.Model):
    """A deadline that passed. When it was due and when it fired are both kept, so an outage shows as delay."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="lapses", db_index=False)
    deadline = models.CharField(max_length=4, choices=Deadline)
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["duty", "deadline"], name="lapse_once"),
            models.CheckConstraint(name="lapse_never_early", condition=Q(fired_at__gte=F("due_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.duty} missed its deadline to {self.deadline}"


class Decision(models.Model):
    """What the holder did. Sealed under `reasons-<duty>`, `shared-<duty>` (for the reporter) and `checklist-<duty>` is what they wrote."""

    duty = models.OneToOneField(Duty, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=16, choices=Outcome)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    late = models.BooleanField(default=False)
    checked = ArrayField(models.SlugField(max_length=40), null=True)  # of the checklist of that outcome; null where there was none

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} on {self.duty}"

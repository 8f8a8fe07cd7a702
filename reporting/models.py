"""Reports and the duty to act on them. Private words are in the vault; here are keys, states and times."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from portal.people.models import Person, PostMember, Role
from reporting.administered import EscalationPolicy, EscalationRung, OutsideRoute
from reporting.choices import (
    OPEN_STATES,
    Category,
    Deadline,
    DutyState,
    ErasureState,
    Excluded,
    Ground,
    MessageKind,
    Outcome,
    ReportState,
    Why,
)

__all__ = ["Draft", "Duty", "Erasure", "EscalationPolicy", "EscalationRung", "Exclusion", "OutsideRoute", "Report"]
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


class ReportQuerySet(models.QuerySet["Report"]):
    def for_reporter(self, person: Person) -> ReportQuerySet:
        return self.filter(reporter=person)

    def open(self) -> ReportQuerySet:
        return self.filter(state=ReportState.OPEN)

    def held_by(self, person: Person) -> ReportQuerySet:
        """Reports whose duty this person holds or held, themselves or with their post, unless they are excluded."""
        return self.known_to(person).filter(models.Exists(Duty.objects.filter(report=models.OuterRef("pk")).ever_held_by(person)))

    def known_to(self, person: Person) -> ReportQuerySet:
        """Without the reports that this person must not learn of.

        Who was excluded from an erased report is erased with it. So of those somebody knows the ones whose duty they held themselves, and
        those they asked to erase or erased.
        """
        about = models.OuterRef("pk")
        held = Duty.objects.filter(report=about, holder=person).exclude(state=DutyState.STEPPED_ASIDE)
        erased = Erasure.objects.filter(Q(asked_by=person) | Q(decided_by=person), report=about, state=ErasureState.DONE)
        known = self.exclude(models.Exists(Exclusion.objects.filter(report=about, person=person)))
        return known.filter(~Q(state=ReportState.ERASED) | Q(models.Exists(held)) | Q(models.Exists(erased)))

    def overseen_by(self, person: Person) -> ReportQuerySet:
        """Every report that somebody in professional standards may know of; none for anybody else."""
        return self.known_to(person) if person.has_role(Role.PROFESSIONAL_STANDARDS) else self.none()

    def closed_before(self, at: datetime) -> ReportQuerySet:
        """Reports that were acted on before `at`, with nothing written about them since."""
        about = models.OuterRef("pk")
        closed = Duty.objects.filter(report=about, state=DutyState.ACTED, ended_at__lte=at)
        written = Message.objects.filter(report=about, at__gt=at)
        decided = Decision.objects.filter(duty__report=about, decided_at__gt=at)
        reports = self.filter(state=ReportState.ACTED, sent_at__lte=at).filter(models.Exists(closed))
        return reports.exclude(models.Exists(written)).exclude(models.Exists(decided))

    def newest_first(self) -> ReportQuerySet:
        return self.order_by("-sent_at", "-id")


class Report(models.Model):
    """A report that was sent. `ladder` is the policy as it stood then: `reporting.routing.Rung` objects, lowest level first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports")
    unit = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    container = models.UUIDField()
    state = models.CharField(max_length=8, choices=ReportState, default=ReportState.OPEN)
    categories = ArrayField(models.CharField(max_length=16, choices=Category), default=list)
    at_risk_now = models.BooleanField(default=False)
    confidential = models.BooleanField(default=False)
    ladder = models.JSONField()
    sent_at = models.DateTimeField()

    objects = ReportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["reporter", "-sent_at"], name="report_of_reporter"),
            models.Index(fields=["-sent_at"], name="report_newest"),
            models.Index(fields=["unit", "-sent_at"], name="report_of_unit"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def subject(self) -> str:
        """The chain of facts about this report."""
        return f"report:{self.pk}"

    @property
    def consultations(self) -> str:
        """The chain of who looked at it, apart, so that the other can be given away whole (docs/decisions/0014)."""
        return f"consultation:{self.pk}"

    @property
    def is_erased(self) -> bool:
        """What it said was destroyed; see `reporting.erasing`."""
        return self.state == ReportState.ERASED


class Exclusion(models.Model):
    """Somebody who must never hold the duty and must not learn that the report exists."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="exclusions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=8, choices=Excluded)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["report", "person"], name="excluded_once")]

    def __str__(self) -> str:
        return f"{self.get_why_display()} in {self.report}"


class DutyQuerySet(models.QuerySet["Duty"]):
    def open(self) -> DutyQuerySet:
        return self.filter(state__in=OPEN_STATES)

    def held_by(self, person: Person) -> DutyQuerySet:
        """Duties this person holds now: their own, and those of the posts they staff, never where they are excluded."""
        hidden = Exclusion.objects.filter(report=models.OuterRef("report"), person=person)
        return self.open().filter(Q(holder=person) | Q(_at_a_post_of(person))).exclude(models.Exists(hidden))

    def ever_held_by(self, person: Person) -> DutyQuerySet:
        """Duties this person holds or held, themselves or with a post they staff; exclusions are the caller's to see to."""
        return self.filter(Q(holder=person) | Q(_at_a_post_of(person)))

    def late(self, at: datetime) -> DutyQuerySet:
        """Open duties with a deadline that has passed."""
        return self.open().filter(Q(act_due_at__lte=at) | Q(opened_at__isnull=True, open_due_at__lte=at))

    def due(self, at: datetime) -> DutyQuerySet:
        """Duties with a deadline at or before `at` that has not fired."""
        return self.filter(next_due_at__lte=at).order_by("next_due_at")

    def most_urgent_first(self) -> DutyQuerySet:
        return self.order_by(F("next_due_at").asc(nulls_first=True), "act_due_at", "id")


def _at_a_post_of(person: Person) -> Func:
    """`post_id = ANY (ARRAY(…))`: posts are read once, so that PostgreSQL can use an index for each half of "mine or my desk's"."""
    posts = PostMember.objects.filter(person=person).values("post")
    return Func(F("post_id"), ArraySubquery(posts), template="%(expressions)s)", arg_joiner=" = ANY (", output_field=models.BooleanField())


class Duty(models.Model):
    """Who held the duty to act, from when and why. It ends where the next of the same report begins, or when its holder acts.

    `next_due_at` is the deadline the clock watches: to open until opened, then to act; null once nothing is left to fire.
    Times come from the database.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="duties")
    seq = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="duties")
    post = models.ForeignKey("people.Post", null=True, on_delete=models.PROTECT, related_name="duties")
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
            models.CheckConstraint(name="duty_acted_has_time", condition=~Q(state=DutyState.ACTED) | Q(acted_at__isnull=False)),
            models.CheckConstraint(name="duty_deadlines_in_order", condition=Q(open_due_at__lte=F("act_due_at"))),
        ]
        indexes = [
            models.Index(fields=["next_due_at"], name="duty_due", condition=Q(next_due_at__isnull=False)),
            models.Index(fields=["holder", "next_due_at"], name="duty_of_holder", condition=Q(state__in=OPEN_STATES)),
            models.Index(fields=["post", "next_due_at"], name="duty_of_post", condition=Q(state__in=OPEN_STATES)),
            models.Index(fields=["holder", "-from_at"], name="duty_had_by"),
        ]

    def __str__(self) -> str:
        return f"{self.report} #{self.seq}"


class Lapse(models.Model):
    """A deadline that passed. When it was due and when it fired are both kept, so an outage shows as delay."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="lapses")
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
    """What the holder did. Reasons and the words for the reporter are sealed under `reasons-<duty>` and `shared-<duty>`."""

    duty = models.OneToOneField(Duty, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=16, choices=Outcome)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    late = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} on {self.duty}"


class Message(models.Model):
    """A question, an answer or an addition. The words are sealed under `message-<id>` in the report's container."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=8, choices=MessageKind)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answers = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="answer")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["report", "at"], name="message_of_report")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.report}"


class Attachment(models.Model):
    """A file kept as it was sent (`file-<id>` in the vault) with the re-encoded copy that pages show (`preview-<id>`).

    The name it came with is sealed under `name-<id>`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, null=True, on_delete=models.DO_NOTHING, related_name="attachments")
    report = models.ForeignKey(Report, null=True, on_delete=models.PROTECT, related_name="attachments")
    container = models.UUIDField()
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    preview_type = models.CharField(max_length=40, blank=True)
    commitment = models.CharField(max_length=80)  # what `vault.store_file` returned, for the fact that tells of it
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        default_permissions = ()
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return f"{self.media_type} of {self.size} bytes"


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def waiting(self) -> ErasureQuerySet:
        """Asked for, and not yet decided by a second person."""
        return self.filter(state=ErasureState.ASKED)


class Erasure(models.Model):
    """A request to erase what a report says, and what a second person decided.

    The reason is sealed under `erasure-<id>`, that of a refusal under `refusal-<id>`, in a container of their own: they outlive the
    report's. Times come from the database.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="erasures")
    ground = models.CharField(max_length=12, choices=Ground)
    container = models.UUIDField()
    state = models.CharField(max_length=12, choices=ErasureState, default=ErasureState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        default_permissions = ()
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

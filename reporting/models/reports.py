"""A report that was sent, who may know of it, and who may never hold its duty."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal.people.models import Person, Role
from portal.requests.choices import ErasureState
from reporting.choices import KEPT_AWAY, Category, DutyState, Excluded, ReportState


class ReportQuerySet(models.QuerySet["Report"]):
    def for_reporter(self, person: Person) -> ReportQuerySet:
        return self.filter(reporter=person)

    def open(self) -> ReportQuerySet:
        return self.filter(state=ReportState.OPEN)

    def held_by(self, person: Person) -> ReportQuerySet:
        """Reports whose duty this person holds or held, themselves or with their post, unless they are excluded."""
        from reporting.models.duties import Duty

        return self.known_to(person).filter(models.Exists(Duty.objects.filter(report=models.OuterRef("pk")).ever_held_by(person)))

    def had_by(self, person: Person) -> ReportQuerySet:
        """As `held_by`, and those whose duty they handled for a post before they left it. They have proof of it, and not the report."""
        from reporting.models.duties import Duty

        return self.known_to(person).filter(models.Exists(Duty.objects.filter(report=models.OuterRef("pk")).had_by(person)))

    def known_to(self, person: Person) -> ReportQuerySet:
        """Without the reports that this person must not learn of.

        Who was excluded from an erased report is erased with it. So of those somebody knows the ones whose duty they held themselves,
        unless it was taken from them or they stepped aside, or handled for a post, and those they asked to erase or erased.
        """
        from reporting.models.duties import Duty, Handling
        from reporting.models.erasures import Erasure

        about = models.OuterRef("pk")
        held = Duty.objects.filter(report=about, holder=person).exclude(state__in=KEPT_AWAY)
        handled = Handling.objects.filter(duty__report=about, person=person)  # of the excluded none are left: `erasing.destroy`
        erased = Erasure.objects.filter(Q(asked_by=person) | Q(decided_by=person), report=about, state=ErasureState.DONE)
        known = self.exclude(models.Exists(Exclusion.objects.filter(report=about, person=person)))
        return known.filter(~Q(state=ReportState.ERASED) | Q(models.Exists(held)) | Q(models.Exists(handled)) | Q(models.Exists(erased)))

    def overseen_by(self, person: Person) -> ReportQuerySet:
        """Every report that somebody in professional standards may know of; none for anybody else."""
        return self.known_to(person) if person.has_role(Role.PROFESSIONAL_STANDARDS) else self.none()

    def closed_before(self, at: datetime) -> ReportQuerySet:
        """Reports that were acted on before `at`, with nothing written about them since."""
        from reporting.models.duties import Decision, Duty
        from reporting.models.messages import Message

        about = models.OuterRef("pk")
        closed = Duty.objects.filter(report=about, state=DutyState.ACTED, ended_at__lte=at)
        written = Message.objects.filter(report=about, at__gt=at)
        decided = Decision.objects.filter(duty__report=about, decided_at__gt=at)
        reports = self.filter(state=ReportState.ACTED, sent_at__lte=at).filter(models.Exists(closed))
        return reports.exclude(models.Exists(written)).exclude(models.Exists(decided))

    def newest_first(self) -> ReportQuerySet:
        return self.order_by("-sent_at", "-id")


class Report(models.Model):
    """A report that was sent. `ladder` is the policy as it stood then, as `reporting.escalation.ladder` keeps it, lowest level first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports")
    unit = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    container = models.UUIDField()
    state = models.CharField(max_length=8, choices=ReportState, default=ReportState.OPEN)
    categories = ArrayField(models.CharField(max_length=16, choices=Category), default=list)
    at_risk_now = models.BooleanField(default=False)
    confidential = models.BooleanField(default=False)
    group_digest = models.CharField(max_length=64, blank=True, default="", db_default="")  # see `reporting.desk.linking`
    ladder = models.JSONField()
    sent_at = models.DateTimeField()

    objects = ReportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["reporter", "-sent_at"], name="report_of_reporter"),
            models.Index(fields=["-sent_at"], name="report_newest"),
            models.Index(fields=["unit", "-sent_at"], name="report_of_unit"),
            models.Index(fields=["group_digest"], name="report_of_group", condition=~Q(group_digest="")),
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
        """What it said was destroyed; see `reporting.erasure.erasing`."""
        return self.state == ReportState.ERASED


class Exclusion(models.Model):
    """Somebody who must never hold the duty and must not learn that the report exists."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="exclusions", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=8, choices=Excluded)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["report", "person"], name="excluded_once")]

    def __str__(self) -> str:
        return f"{self.get_why_display()} in {self.report}"

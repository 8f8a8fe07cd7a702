"""Requests to open the name of a reporter who asked for it to be kept back, and what a second person decided."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from portal.people.models import Person
from portal.requests.asked import Asked, AskedQuerySet
from reporting.choices import NameState, Withholding
from reporting.models.reports import Report


class NameOpeningQuerySet(AskedQuerySet["NameOpening"]):
    def of(self, person: Person) -> NameOpeningQuerySet:
        """Those that this person asked for or decided."""
        return self.filter(Q(asked_by=person) | Q(decided_by=person))

    def untold(self) -> NameOpeningQuerySet:
        """The name was opened, and the reporter has not been told yet."""
        return self.filter(state__in=[NameState.OPENED, NameState.CLOSED], reporter_told_at=None)


class NameOpening(Asked):
    """A request to open a reporter's name. Once opened, the two see it until `open_until`, or until one of them closes it.

    `withholding`: on what ground the reporter is not told before `withheld_until`; empty where they are told at once. The reasons are
    sealed in the report's container under `name-reason-<id>`, `name-withheld-<id>` and `name-refusal-<id>`.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="name_openings")
    state = models.CharField(max_length=12, choices=NameState, default=NameState.ASKED)
    open_until = models.DateTimeField(null=True)
    withholding = models.CharField(max_length=16, choices=Withholding, blank=True)
    withheld_until = models.DateTimeField(null=True)
    reporter_told_at = models.DateTimeField(null=True)

    objects = NameOpeningQuerySet.as_manager()

    class Meta(Asked.Meta):
        constraints = [
            models.UniqueConstraint(fields=["report"], condition=Q(state=NameState.ASKED), name="name_one_waiting"),
            models.CheckConstraint(
                name="name_two_people",
                condition=Q(state__in=[NameState.ASKED, NameState.WITHDRAWN]) & Q(decided_by__isnull=True)
                | Q(state__in=[NameState.OPENED, NameState.CLOSED, NameState.REFUSED])
                & Q(decided_by__isnull=False)
                & ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(name="name_decided_has_time", condition=Q(state=NameState.ASKED) ^ Q(decided_at__isnull=False)),
            models.CheckConstraint(
                name="name_opened_has_end",
                condition=~Q(state__in=[NameState.OPENED, NameState.CLOSED]) | Q(open_until__isnull=False),
            ),
            models.CheckConstraint(
                name="name_told_once_opened",
                condition=Q(state__in=[NameState.OPENED, NameState.CLOSED]) | Q(reporter_told_at__isnull=True),
            ),
            models.CheckConstraint(name="name_withheld_on_a_ground", condition=Q(withholding="") ^ Q(withheld_until__isnull=False)),
        ]
        indexes = [
            models.Index(
                fields=["withheld_until"],
                name="name_untold",
                condition=Q(reporter_told_at__isnull=True, state__in=[NameState.OPENED, NameState.CLOSED]),
            )
        ]

    def __str__(self) -> str:
        return f"the name of the reporter of {self.report}"

    @property
    def is_untold(self) -> bool:
        """The reporter is not told yet that their name was opened."""
        return self.state in (NameState.OPENED, NameState.CLOSED) and self.reporter_told_at is None

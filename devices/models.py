"""Handsets, who held each and when, what stores must look into, and which apps a handset may run.

Lock order: the handset's row, then its custody, then the record's chain, then the outbox.
"""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.urls import reverse

from portal.people.models import Person, Unit
from portal.vault.models import erased


class State(models.TextChoices):
    IN_STOCK = "in_stock", "In stock"
    ALLOTTED = "allotted", "Allotted"
    CLAIMED = "claimed", "Claimed"
    RETURNING = "returning", "Return waiting"  # its holder says so; stores have not
    RETURNED = "returned", "Returned"
    SANITISED = "sanitised", "Sanitised"
    LOST = "lost", "Lost"
    STOLEN = "stolen", "Stolen"
    RETIRED = "retired", "Retired"


HELD = (State.CLAIMED, State.RETURNING)  # states with an open custody
MISSING = (State.LOST, State.STOLEN)

# Migration 0002 holds PostgreSQL to the same table; a test compares the two.
MOVES: dict[str, frozenset[str]] = {
    State.IN_STOCK: frozenset({State.ALLOTTED, State.CLAIMED, State.LOST, State.STOLEN, State.RETIRED}),
    State.ALLOTTED: frozenset({State.IN_STOCK, State.CLAIMED, State.LOST, State.STOLEN, State.RETIRED}),
    State.CLAIMED: frozenset({State.RETURNING, State.RETURNED, State.LOST, State.STOLEN}),
    State.RETURNING: frozenset({State.CLAIMED, State.RETURNED, State.LOST, State.STOLEN}),
    State.RETURNED: frozenset({State.SANITISED, State.LOST, State.STOLEN, State.RETIRED}),
    State.SANITISED: frozenset({State.IN_STOCK, State.LOST, State.STOLEN, State.RETIRED}),
    State.LOST: frozenset({State.CLAIMED, State.RETURNED, State.STOLEN, State.RETIRED}),
    State.STOLEN: frozenset({State.CLAIMED, State.RETURNED, State.LOST, State.RETIRED}),
    State.RETIRED: frozenset(),
}

ASSET_TAG = r"^[A-Z0-9][A-Z0-9-]{1,31}$"


class HandsetQuerySet(models.QuerySet["Handset"]):
    def tagged(self, asset_tag: str) -> HandsetQuerySet:
        return self.filter(asset_tag=asset_tag.strip().upper())

    def held_by(self, person: Person) -> HandsetQuerySet:
        return self.filter(custodies__holder=person, custodies__ended_at__isnull=True)

    def allotted_to(self, person: Person) -> HandsetQuerySet:
        return self.filter(allotted_to=person, state=State.ALLOTTED)

    def in_state(self, *states: str) -> HandsetQuerySet:
        return self.filter(state__in=states)

    def lost_by(self, person: Person) -> HandsetQuerySet:
        """Missing handsets that this person was the last to hold, the newest loss first."""
        newest = Custody.objects.filter(handset=models.OuterRef("pk")).order_by("-claimed_at").values("holder")[:1]
        once_held = self.in_state(*MISSING).filter(pk__in=Custody.objects.filter(holder=person).values("handset"))
        return once_held.annotate(last_holder=models.Subquery(newest)).filter(last_holder=person.pk)

    def with_holder(self) -> HandsetQuerySet:
        """With `open_custodies`: its open custody and holder, or nothing."""
        held = Custody.objects.open().select_related("holder__unit")
        return self.select_related("allotted_to__unit").prefetch_related(models.Prefetch("custodies", held, to_attr="open_custodies"))

    def count_by_state(self) -> dict[str, int]:
        return dict(self.order_by().values_list("state").annotate(models.Count("pk")))

    def search(self, text: str) -> HandsetQuerySet:
        """By the start of an asset tag, serial number or holder's surname, a holder's number, or the end of an IMEI: every word of it."""
        found = self
        for word in text.upper().split()[:4]:
            holder = Q(holder__number=word) | Q(holder__last_name__istartswith=word)
            held = models.Exists(Custody.objects.open().filter(holder, handset=models.OuterRef("pk")))
            imei = Q(imei__endswith=word) if word.isdecimal() and len(word) >= 4 else Q(pk__in=[])
            found = found.filter(Q(asset_tag__startswith=word) | Q(serial__startswith=word) | imei | held)
        return found


class Handset(models.Model):
    asset_tag = models.CharField(
        max_length=32, unique=True, validators=[RegexValidator(ASSET_TAG, "Enter an asset tag of capital letters, digits and hyphens")]
    )
    imei = models.CharField("IMEI", max_length=15, unique=True)
    serial = models.CharField("serial number", max_length=40, blank=True)
    model = models.CharField(max_length=80)
    phone_number = models.CharField(max_length=20, blank=True)
    mdm_id = models.CharField("device management id", max_length=64, blank=True)
    condition = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.IN_STOCK, db_default=State.IN_STOCK, editable=False)
    allotted_to = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="allotted_handsets", editable=False, db_index=False
    )  # kept while they hold it
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = HandsetQuerySet.as_manager()

    class Meta:
        ordering = ["asset_tag"]
        constraints = [
            models.CheckConstraint(name="handset_asset_tag_shape", condition=Q(asset_tag__regex=ASSET_TAG)),
            models.CheckConstraint(name="handset_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(name="handset_allotted_to_somebody", condition=~Q(state=State.ALLOTTED) | Q(allotted_to__isnull=False)),
            # An IMEI's length and check digit are held by handset_imei_valid, in migration 0002.
        ]
        indexes = [
            models.Index(fields=["state", "asset_tag"]),
            models.Index(fields=["serial"]),
            models.Index(fields=["allotted_to"], name="handset_allotted", condition=Q(state=State.ALLOTTED)),
        ]

    def __str__(self) -> str:
        return self.asset_tag

    def get_absolute_url(self) -> str:
        return reverse("stores:handset", args=[self.asset_tag])

    @property
    def subject(self) -> str:
        """Its name in the record."""
        return f"handset:{self.pk}"

    def may_become(self, state: str) -> bool:
        return state in MOVES[self.state]


class Terms(models.Model):
    """Terms of issue. New terms are added; the newest are in force; those somebody accepted stay as they were."""

    text = models.TextField(help_text="One promise a line.")
    in_force_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "terms of issue"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Terms of issue {self.pk}"

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]


class Ending(models.TextChoices):
    RETURNED = "returned", "Returned"
    LOST = "lost", "Reported lost"
    STOLEN = "stolen", "Reported stolen"


class CustodyQuerySet(models.QuerySet["Custody"]):
    def open(self) -> CustodyQuerySet:
        return self.filter(ended_at__isnull=True)

    def held_by(self, person: Person) -> CustodyQuerySet:
        return self.filter(holder=person).order_by("-claimed_at")

    def newest_first(self) -> CustodyQuerySet:
        return self.select_related("holder__unit").order_by("-claimed_at")


class Custody(models.Model):
    """One stretch during which one person held one handset. Times are the database's. Its own indexes begin with each foreign key."""

    handset = models.ForeignKey(Handset, on_delete=models.PROTECT, related_name="custodies", db_index=False)
    holder = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="custodies", db_index=False)
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="+", db_index=False)
    claimed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=8, choices=Ending, blank=True, default="", db_default="")

    objects = CustodyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "custodies"
        constraints = [
            models.UniqueConstraint(fields=["handset"], condition=Q(ended_at__isnull=True), name="custody_one_holder_at_a_time"),
            models.UniqueConstraint(fields=["holder"], condition=Q(ended_at__isnull=True), name="custody_one_handset_each"),
            models.CheckConstraint(
                name="custody_end_whole",
                condition=Q(ended_at__isnull=True, ended_how="") | Q(ended_at__gte=F("claimed_at")) & ~Q(ended_how=""),
            ),
        ]
        indexes = [models.Index(fields=["holder", "-claimed_at"]), models.Index(fields=["handset", "-claimed_at"])]

    def __str__(self) -> str:
        return f"custody {self.pk}"


class Oddity(models.TextChoices):
    """What was wrong with a handset somebody had in their hand."""

    HELD = "held", "In the hand of somebody other than its holder"
    ALLOTTED = "allotted", "In the hand of somebody it is not allotted to"
    MISSING = "missing", "Reported lost or stolen, and now in somebody's hand"
    NOT_READY = "not_ready", "Handed out before it was put back in stock"
    RETIRED = "retired", "Retired, and now in somebody's hand"
    DIFFERENT = "different", "Not the handset that its label says"


class DiscrepancyQuerySet(models.QuerySet["Discrepancy"]):
    def open(self) -> DiscrepancyQuerySet:
        return self.filter(closed_at__isnull=True)

    def closed(self) -> DiscrepancyQuerySet:
        return self.filter(closed_at__isnull=False)

    def with_erasure(self) -> DiscrepancyQuerySet:
        """With `is_erased`: what stores found was."""
        return self.annotate(is_erased=erased("container"))

    def with_people(self) -> DiscrepancyQuerySet:
        return self.select_related("handset", "reported_by__unit", "closed_by")


class Discrepancy(models.Model):
    """Something stores must look into. What they found is sealed in the vault under `note`."""

    handset = models.ForeignKey(Handset, on_delete=models.PROTECT, related_name="discrepancies")
    reported_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=9, choices=Oddity)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    container = models.UUIDField(null=True)

    objects = DiscrepancyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "discrepancies"
        ordering = ["-opened_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["handset", "reported_by", "what"], condition=Q(closed_at__isnull=True), name="discrepancy_open_once"
            ),
            models.CheckConstraint(
                name="discrepancy_closed_whole",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, container__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False, container__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="discrepancy_open", condition=Q(closed_at__isnull=True))]

    def __str__(self) -> str:
        return f"discrepancy {self.pk}"


class WrongTry(models.Model):
    """A wrong last four digits. Too many in a quarter of an hour and the person must wait."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["person", "at"])]

    def __str__(self) -> str:
        return f"wrong try {self.pk}"


class Access(models.TextChoices):
    BLOCKED = "blocked", "Blocked"
    BY_PERMISSION = "by_permission", "By permission"
    ALLOWED = "allowed", "Allowed"


class AppRuleQuerySet(models.QuerySet["AppRule"]):
    def by_access(self) -> AppRuleQuerySet:
        """What is blocked first, then what needs permission, then what is allowed."""
        return self.order_by(models.Case(*(models.When(access=one, then=place) for place, one in enumerate(Access))), Upper("name"))


class AppRule(models.Model):
    name = models.CharField(max_length=60)
    platform_id = models.CharField(max_length=120, blank=True, help_text="The app's package name, such as com.whatsapp.")
    access = models.CharField(max_length=13, choices=Access)
    reason = models.CharField(max_length=300, help_text="One or two sentences, shown to everyone.")

    objects = AppRuleQuerySet.as_manager()

    class Meta:
        ordering = [Upper("name")]
        constraints = [models.UniqueConstraint(Upper("name"), name="app_rule_once", violation_error_message="This app has a rule already")]

    def __str__(self) -> str:
        return self.name


class RolloutPlan(models.Model):
    """How many handsets a unit plans to have claimed in one week: what the figures are held against."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    week_starting = models.DateField(help_text="A Monday.")
    planned = models.PositiveIntegerField()

    class Meta:
        verbose_name = "planned claims"
        verbose_name_plural = "rollout plan"
        ordering = ["week_starting", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "week_starting"], name="rollout_plan_once"),
            models.CheckConstraint(
                name="rollout_week_starts_monday",
                condition=Q(week_starting__iso_week_day=1),
                violation_error_message="A week starts on a Monday",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit.code}, week of {self.week_starting:%d %B %Y}"

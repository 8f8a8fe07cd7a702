"""The outbox: what is to be told to whom, written in the transaction that makes it true; and how each person is reached."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    HELD = "held", "Held until the daily message or the end of quiet hours"
    GATHERED = "gathered", "In a daily message"
    SENT = "sent", "Sent"
    FAILED = "failed", "Given up"
    WITHHELD = "withheld", "Withheld"
    MUTED = "muted", "Not wanted"


MAY_BE_DUE = (State.WAITING, State.HELD)


class OutboxQuerySet(models.QuerySet["Outbox"]):
    def due(self) -> OutboxQuerySet:
        return self.filter(state__in=MAY_BE_DUE, next_try_at__lte=Now()).order_by("next_try_at", "id")

    def given_up(self) -> OutboxQuerySet:
        """Dead letters: no channel took them. One that is in a daily message is told with it."""
        return self.filter(state=State.FAILED)

    def begin_anew(self, **also: str) -> int:
        """Let them go out as if never tried; `tried` has Notify asked first whether they did. `also`: other columns. Return how many."""
        return self.update(state=State.WAITING, attempts=0, tried=True, next_try_at=Now(), **also)


class Outbox(models.Model):
    """One notice. Holds plain words and a link, never report content.

    `next_try_at` is also the lease of whoever delivers it: they move it ahead, and one who dies lets it come round again. `tried`: before
    its attempts were last counted from none.
    """

    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=160)
    body = models.TextField()
    link = models.CharField(max_length=300)
    dedupe = models.CharField(max_length=160, db_collation="C")  # so that one index finds it whole and by how it begins
    state = models.CharField(max_length=8, choices=State, default=State.WAITING, db_default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    tried = models.BooleanField(default=False, db_default=False)
    last_error = models.CharField(max_length=200, default="", db_default="", blank=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    next_try_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    gathered_in = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="gathered", db_index=False)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = "notice"
        constraints = [
            models.UniqueConstraint(fields=["dedupe"], name="outbox_told_once"),
            models.CheckConstraint(
                name="outbox_sent_has_time", condition=models.Q(state=State.SENT, sent_at__isnull=False) | ~models.Q(state=State.SENT)
            ),
            models.CheckConstraint(name="outbox_gathered_somewhere", condition=~Q(state=State.GATHERED) | Q(gathered_in__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="outbox_may_be_due", condition=Q(state__in=MAY_BE_DUE)),
            models.Index(fields=["made_at"], name="outbox_given_up", condition=Q(state=State.FAILED)),
            models.Index(fields=["gathered_in"], name="outbox_gathered", condition=Q(gathered_in__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"

    @property
    def may_have_gone(self) -> bool:
        """Whether an attempt before this one may have got through without our hearing of it."""
        return self.tried or self.attempts > 1


class Way(models.TextChoices):
    """The channels a notice can take. Which are on is settings.NOTICE_CHANNELS."""

    SMTP = "smtp", "E-mail"
    NOTIFY_EMAIL = "notify_email", "E-mail through GOV.UK Notify"
    NOTIFY_SMS = "notify_sms", "Text message"
    PUSH = "push", "Browser notification"


class Outcome(models.TextChoices):
    TAKEN = "taken", "Taken by the channel"
    TOLD = "told", "Delivered"
    REFUSED = "refused", "Refused"


class Sending(models.Model):
    """What one channel made of one notice. `told`: delivered in the channel's own meaning of it (docs/decisions/0023)."""

    notice = models.ForeignKey(Outbox, on_delete=models.CASCADE, related_name="sendings")
    way = models.CharField(max_length=12, choices=Way)
    outcome = models.CharField(max_length=8, choices=Outcome)
    provider_id = models.CharField(max_length=60, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["notice", "way"], name="sending_once")]
        indexes = [
            models.Index(fields=["at", "way", "outcome"], name="sending_lately"),
            models.Index(fields=["at"], name="sending_unanswered", condition=Q(outcome=Outcome.TAKEN) & ~Q(provider_id="")),
            models.Index(fields=["provider_id"], name="sending_of_provider", condition=~Q(provider_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.notice} by {self.get_way_display()}"


class When(models.TextChoices):
    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "Once a day"
    NEVER = "never", "Not at all"


class Quiet(models.TextChoices):
    NONE = "none", "No quiet hours"
    OWN = "own", "Hours that you choose"
    SHIFT = "shift", "When your unit is off shift"


class Preference(models.Model):
    """How one person wants to be told. No row: everything at once, by e-mail."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="told_how")
    by_email = models.BooleanField(default=True)
    by_text = models.BooleanField(default=False)
    mobile = models.CharField(max_length=16, default="", blank=True)  # as +447700900123
    groups = models.JSONField(default=dict)  # {kinds.Group.code: When}; those left out are told at once
    daily_hour = models.PositiveSmallIntegerField(default=8)
    quiet = models.CharField(max_length=5, choices=Quiet, default=Quiet.NONE)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    quiet_days = ArrayField(models.PositiveSmallIntegerField(), default=list)  # Monday is 0; the day on which the hours begin

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="told_at_an_hour", condition=Q(daily_hour__lte=23)),
            models.CheckConstraint(name="told_by_text_has_number", condition=Q(by_text=False) | ~Q(mobile="")),
            models.CheckConstraint(
                name="told_quiet_has_hours", condition=~Q(quiet=Quiet.OWN) | Q(quiet_from__isnull=False, quiet_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"how {self.person} is told"


class Subscription(models.Model):
    """One browser that a person lets us notify (RFC 8030). The keys are the browser's; what is sent to it is encrypted for them."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscriptions")
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    browser = models.CharField(max_length=120, default="", blank=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"a browser of {self.person}"


class Unreachable(models.Model):
    """An address that refused for good. It counts while it is still the person's, and for a day: then it is tried again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="unreachable")
    way = models.CharField(max_length=12, choices=Way)
    address = models.CharField(max_length=254)
    why = models.CharField(max_length=200, default="", blank=True)
    since = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = "address that cannot be reached"
        verbose_name_plural = "addresses that cannot be reached"
        constraints = [models.UniqueConstraint(fields=["person", "way"], name="unreachable_once")]

    def __str__(self) -> str:
        return f"{self.get_way_display()} of {self.person}"

"""Who: officers and staff, their units, ranks, posts, line of command, absences and deputies."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.db import models
from django.db.models.functions import Now, Upper
from django.utils.timezone import localtime


class Kind(models.TextChoices):
    OFFICER = "officer", "Officer"
    SPECIAL = "special", "Special constable"
    PCSO = "pcso", "PCSO"
    STAFF = "staff", "Police staff"


class Rank(models.IntegerChoices):
    """Ranks low to high, with gaps so that a force can add one between two others."""

    NONE = 0, "No rank"
    CONSTABLE = 10, "Constable"
    SERGEANT = 20, "Sergeant"
    INSPECTOR = 30, "Inspector"
    CHIEF_INSPECTOR = 40, "Chief Inspector"
    SUPERINTENDENT = 50, "Superintendent"
    CHIEF_SUPERINTENDENT = 60, "Chief Superintendent"
    COMMANDER = 70, "Commander"
    DEPUTY_ASSISTANT_COMMISSIONER = 80, "Deputy Assistant Commissioner"
    ASSISTANT_COMMISSIONER = 90, "Assistant Commissioner"
    DEPUTY_COMMISSIONER = 100, "Deputy Commissioner"
    COMMISSIONER = 110, "Commissioner"


LONGEST_SEARCH = 80
RANKS: dict[int, str] = {rank.value: str(rank.label) for rank in Rank}


class Role(models.TextChoices):
    """The Django groups that open more than a person's own things."""

    PROFESSIONAL_STANDARDS = "Professional standards"
    STORES = "Stores"
    GUIDANCE_AUTHOR = "Guidance authors"
    GUIDANCE_APPROVER = "Guidance approvers"
    AUDITOR = "Auditors"
    ADMINISTRATOR = "Administrators"


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class Unit(models.Model):
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    led_by = models.ForeignKey("people.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="leads")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class PersonQuerySet(models.QuerySet["Person"]):
    def active(self) -> PersonQuerySet:
        return self.filter(is_active=True)

    def with_role(self, *roles: str) -> PersonQuerySet:
        """Who has any of these roles, each once."""
        return self.filter(models.Exists(Group.objects.filter(user=models.OuterRef("pk"), name__in=roles)))

    def at_least(self, rank: int) -> PersonQuerySet:
        return self.filter(rank__gte=rank)

    def search(self, text: str) -> PersonQuerySet:
        """Active people whose number starts with `text`, or whose names hold every word of it. Nobody where it can be neither."""
        words = text.split()[:4]
        found = self.active()
        if not words or len(text) > LONGEST_SEARCH or not "".join(words).isprintable():
            return found.none()
        if len(words) == 1 and any(character.isdigit() for character in words[0]):
            return found.filter(number__startswith=words[0].upper())
        for word in words:
            found = found.filter(models.Q(first_name__istartswith=word) | models.Q(last_name__istartswith=word))
        return found


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, number: str, password: str | None = None, **fields: Any) -> Person:
        person: Person = self.model(email=email.lower(), number=number, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, number: str, password: str | None = None, **fields: Any) -> Person:
        return self.create_user(email, number, password, **{**fields, "is_staff": True, "is_superuser": True})


class Person(AbstractBaseUser, PermissionsMixin):
    """One member of the force. The key is a surrogate: a rejoiner's new warrant number changes `number`, never the key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    number = models.CharField("warrant or pay number", max_length=12, unique=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.OFFICER)
    rank = models.PositiveSmallIntegerField(choices=Rank, default=Rank.NONE)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    job_title = models.CharField(max_length=80, blank=True)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    line_manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="manages")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may open the admin", default=False)
    joined_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["number", "first_name", "last_name"]

    class Meta:
        verbose_name_plural = "people"
        ordering = ["last_name", "first_name", "number"]
        constraints = [
            models.CheckConstraint(name="person_email_lower_case", condition=models.Q(email=models.functions.Lower("email"))),
            models.CheckConstraint(name="person_not_own_manager", condition=~models.Q(line_manager=models.F("id"))),
        ]
        indexes = [
            models.Index(Upper("last_name"), name="person_last_name_upper"),
            models.Index(Upper("first_name"), name="person_first_name_upper"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    @property
    def plain_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def name(self) -> str:
        """Rank and name, or the name alone for somebody without a rank."""
        return f"{RANKS[self.rank]} {self.plain_name}" if self.rank else self.plain_name

    @property
    def name_and_unit(self) -> str:
        return f"{self.name} ({self.unit.code})" if self.unit else self.name

    @property
    def name_unit_and_number(self) -> str:
        """As two of one name and unit are told apart."""
        return f"{self.name_and_unit}, {self.number}"

    @cached_property
    def roles(self) -> frozenset[str]:
        """Names of the groups this person is in; the sign-in backend loads them with the person."""
        return frozenset(self.groups.values_list("name", flat=True))

    def has_role(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    def get_full_name(self) -> str:
        return self.plain_name

    def get_short_name(self) -> str:
        return self.first_name


class Post(models.Model):
    """A desk that is never empty, such as professional standards: it holds what no one person can."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    email = models.EmailField(blank=True)
    members: models.ManyToManyField[Person, PostMember] = models.ManyToManyField(Person, through="people.PostMember", related_name="posts")

    def __str__(self) -> str:
        return self.name

    @property
    def in_words(self) -> str:
        """Its name inside a sentence: "the professional standards desk", "the CID desk"."""
        return " ".join(["the", *(word if word.isupper() else word.lower() for word in self.name.split())])


class PostMember(models.Model):
    """Who staffs a post, since when. No date: since before dates were kept."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    since = models.DateTimeField(null=True, db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="post_member_once")]

    def __str__(self) -> str:
        return f"{self.person} at {self.post}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def of(self, person: Person) -> AbsenceQuerySet:
        return self.filter(person=person)

    def deputised_by(self, person: Person) -> AbsenceQuerySet:
        return self.filter(deputy=person)

    def not_over(self, at: datetime) -> AbsenceQuerySet:
        """Those that last or are to come, the first to begin first."""
        return self.filter(ends_at__gt=at).order_by("starts_at")

    def touching(self, starts_at: datetime, ends_at: datetime) -> AbsenceQuerySet:
        """Those with a moment in the stretch, the first to begin first."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).order_by("starts_at")


class Absence(models.Model):
    """A stretch during which a deputy steps in, or nobody does and the duty goes past."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    deputy = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="deputises_for")

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="absence_ends_after_start", condition=models.Q(ends_at__gt=models.F("starts_at"))),
            models.CheckConstraint(name="absence_not_own_deputy", condition=~models.Q(deputy=models.F("person"))),
        ]
        indexes = [models.Index(fields=["person", "starts_at", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.person} away {localtime(self.starts_at):%d %b} to {localtime(self.ends_at):%d %b}"


class RotaShift(models.Model):
    """Who at a post is on duty in a stretch of every week, by the clock on the wall. A post without any has all its members on duty."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="rota")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    starts = models.TimeField()
    ends = models.TimeField(help_text="At or before the start: the next day.")

    class Meta:
        ordering = ["weekday", "starts"]
        constraints = [models.UniqueConstraint(fields=["post", "person", "weekday", "starts"], name="rota_shift_once")]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_weekday_display()} {self.starts:%H:%M} to {self.ends:%H:%M}"


class RotaCover(models.Model):
    """Who is on duty in one dated stretch, instead of whom the week names: a bank holiday, a swap, an operation."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="covers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                name="rota_cover_ends_after_start",
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                violation_error_message="Enter an end that is after the start.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}, {localtime(self.starts_at):%d %b %H:%M} to {localtime(self.ends_at):%d %b %H:%M}"

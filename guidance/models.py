"""Documents, their versions, who acknowledged which, and what was asked before acknowledging."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse

from portal.people.models import Kind, Person, Rank, Unit
from portal.vault.models import erased


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for approval"
    PUBLISHED = "published", "Published"


MOVES: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.DRAFT, State.PUBLISHED}),
    State.PUBLISHED: frozenset(),
}


class DocumentQuerySet(models.QuerySet["Document"]):
    def answered_by(self, person: Person) -> DocumentQuerySet:
        """Documents that this person answers questions about: as owner, or as an author where no owner is at work."""
        no_owner = Q(owner__isnull=True) | Q(owner__is_active=False)
        return self.filter(Q(owner=person) | no_owner & Q(Exists(Version.objects.filter(document=OuterRef("pk"), author=person))))


class Document(models.Model):
    """What people are asked to read. Its words are in its versions; a withdrawn one is shown to nobody and asks nothing."""

    slug = models.SlugField("address", unique=True, help_text="The last part of its address. Links to it last, so it does not change.")
    title = models.CharField(max_length=120)
    owner = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="documents", help_text="Questions go to this person."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("guidance:document", args=[self.slug])


def applies_to(person: Person) -> Q:
    """Versions whose audience holds this person. Each of units, ranks and kinds must hold them; an empty one holds everybody."""
    unit = Q(units=[]) if person.unit_id is None else Q(units=[]) | Q(units__contains=[person.unit_id])
    return unit & (Q(ranks=[]) | Q(ranks__contains=[person.rank])) & (Q(kinds=[]) | Q(kinds__contains=[person.kind]))


# The same rule where a statement is written by hand: the version is called `version`, and `about` gives the parameters.
APPLIES = """(
    (version.units = '{}' OR %(unit)s = ANY (version.units))
    AND (version.ranks = '{}' OR %(rank)s = ANY (version.ranks))
    AND (version.kinds = '{}' OR %(kind)s = ANY (version.kinds))
)"""


def about(person: Person) -> dict[str, Any]:
    return {"person": person.pk, "unit": person.unit_id, "rank": person.rank, "kind": person.kind}


class VersionQuerySet(models.QuerySet["Version"]):
    def published(self) -> VersionQuerySet:
        return self.filter(state=State.PUBLISHED)

    def current(self) -> VersionQuerySet:
        """The newest published version of every document that is not withdrawn."""
        newer = Version.objects.published().filter(document=OuterRef("document"), number__gt=OuterRef("number"))
        return self.published().filter(~Exists(newer), document__withdrawn_at__isnull=True)

    def for_person(self, person: Person) -> VersionQuerySet:
        return self.filter(applies_to(person))

    def without_text(self) -> VersionQuerySet:
        return self.defer("text", "html", "contents")


class Version(models.Model):
    """One text of a document. Once published PostgreSQL refuses every change to the row (migration 0002): the current version is the
    published one with the highest number, so publishing the next alters nothing of the last."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(editable=False)
    text = models.TextField(help_text="Markdown. Headings are ## and ###; the title is added for you.")
    summary = models.TextField("what changed", help_text="Plain words, shown above the text: what is new and what it means for the reader.")
    sentence = models.CharField(
        "sentence to acknowledge", max_length=300, help_text="What a reader says by pressing the button, such as “I have read …”."
    )
    acknowledge_by = models.DateField()
    units = ArrayField(models.BigIntegerField(), default=list, blank=True)
    ranks = ArrayField(models.PositiveSmallIntegerField(choices=Rank), default=list, blank=True)
    kinds = ArrayField(models.CharField(max_length=8, choices=Kind), default=list, blank=True)

    state = models.CharField(max_length=9, choices=State, default=State.DRAFT, editable=False)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", editable=False)
    approver = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    drafted_at = models.DateTimeField(db_default=Now(), editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    text_hash = models.CharField(max_length=64, blank=True, editable=False)  # SHA-256 of `text` in UTF-8, set when it is submitted
    html = models.TextField(blank=True, editable=False)  # `text` as readers see it, made once, when it is published
    contents = models.TextField(blank=True, editable=False)  # the contents list, likewise

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["document", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["document"], condition=~Q(state=State.PUBLISHED), name="version_one_unpublished"
            ),  # so numbers are published in order
            models.CheckConstraint(
                name="version_approver_not_author", condition=Q(approver__isnull=True) | ~Q(approver=models.F("author"))
            ),
            models.CheckConstraint(
                name="version_published_whole",
                condition=~Q(state=State.PUBLISHED)
                | Q(approver__isnull=False, published_at__isnull=False) & ~Q(text_hash="") & ~Q(html="") & ~Q(sentence=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}, version {self.number}"

    def may_become(self, state: State) -> bool:
        return state in MOVES[self.state]

    def overdue_on(self, day: date) -> bool:
        return self.acknowledge_by < day

    @property
    def audience(self) -> str:
        """In words, such as "CN, CE; Inspector; Officer", or "Everyone"."""
        codes = Unit.objects.filter(pk__in=self.units).values_list("code", flat=True) if self.units else ()
        parts = [", ".join(codes), ", ".join(Rank(rank).label for rank in self.ranks), ", ".join(Kind(kind).label for kind in self.kinds)]
        return "; ".join(part for part in parts if part) or "Everyone"


class Acknowledgement(models.Model):
    """One person's one press of the button under one version. Rows are added and never changed (migration 0002)."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="acknowledgements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="acknowledgements")
    at = models.DateTimeField()
    text_hash = models.CharField(max_length=64)
    sentence = models.CharField(max_length=300)

    class Meta:
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["person", "version"], name="acknowledged_once")]

    def __str__(self) -> str:
        return f"{self.person} acknowledged {self.version}"


class QuestionQuerySet(models.QuerySet["Question"]):
    def unanswered_first(self) -> QuestionQuerySet:
        """What was erased comes last: nobody can answer it. `is_erased` says which were."""
        found = self.annotate(is_erased=erased("container"))
        return found.order_by("is_erased", F("answered_at").desc(nulls_first=True), "asked_at")

    def to_answer(self) -> QuestionQuerySet:
        return self.filter(answered_at=None).exclude(erased("container"))

    def answerable_by(self, person: Person) -> QuestionQuerySet:
        """Questions that came to this person: as the document's owner, or as the author where it has no owner at work."""
        absent_owner = Q(version__document__owner__isnull=True) | Q(version__document__owner__is_active=False)
        return self.filter(Q(version__document__owner=person) | absent_owner & Q(version__author=person))

    def seen_by(self, person: Person) -> QuestionQuerySet:
        return self.answerable_by(person) | self.filter(person=person)


class Question(models.Model):
    """What somebody asked before acknowledging. Question and answer are sealed in the vault under `question` and `answer`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="questions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    container = models.UUIDField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = QuestionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["person", "version"])]
        constraints = [
            models.CheckConstraint(
                name="question_answer_whole",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True) | Q(answered_at__isnull=False, answered_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"

    @property
    def answerer(self) -> Person:
        """Whom it came to: see `QuestionQuerySet.answerable_by`."""
        owner = self.version.document.owner
        return owner if owner is not None and owner.is_active else self.version.author


class Reminder(models.Model):
    """One round of reminders about one version, finished: everybody who had to be told of it was."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="reminders")
    stage = models.CharField(max_length=12)
    finished_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["version", "stage"], name="reminder_once")]

    def __str__(self) -> str:
        return f"{self.stage} for {self.version_id}"

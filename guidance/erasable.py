"""Questions about guidance as what two persons may erase: whoever answers them, and professional standards, but never whoever asked."""

from __future__ import annotations

from django.db.models import F

from guidance.models import Question, QuestionQuerySet
from guidance.receipts import chain
from portal.erasure.kinds import Words
from portal.people.models import Person, PersonQuerySet, Role


class Questions:
    """What `portal.erasure` asks of this room. Question and answer lie in one container, and go together."""

    kind = "question"
    noun = "question"
    title = "Questions about guidance"
    elsewhere = "in professional standards, or who answers it,"
    roles: tuple[str, ...] = (Role.PROFESSIONAL_STANDARDS.value,)
    notices = "guidance"

    def theirs(self, person: Person) -> QuestionQuerySet:
        found = Question.objects.all() if person.has_role(*self.roles) else Question.objects.answerable_by(person)
        people = ("version__document__owner", "version__author", "person__unit", "answered_by")
        listed = found.exclude(person=person).select_related(*people).order_by(F("answered_at").asc(nulls_last=True), "asked_at")
        return listed.defer("version__text", "version__html", "version__contents")

    def words(self, row: Question) -> Words:
        title = row.version.document.title
        people: PersonQuerySet = Person.objects.active()
        may = (people.with_role(*self.roles) | people.filter(pk=row.answerer.pk)).exclude(pk=row.person_id)
        return Words(
            kind=self.kind,
            key=str(row.pk),
            title=f"{row.person.name_and_unit}: question about {title}, version {row.version.number}",
            plain=f"a question about {title}",
            container=row.container,
            subject=chain(row.person),
            written_at=row.asked_at,
            closed_at=row.answered_at,
            writers=[row.person, *([row.answered_by] if row.answered_by else [])],
            deciders=may,
        )

    def page(self, row: Question, person: Person) -> str:
        reads = person.pk in (row.person_id, row.answerer.pk)
        return f"/guidance/{row.version.document.slug}/questions/{row.pk}/" if reads else ""

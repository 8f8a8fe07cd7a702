"""Unstaffed: a post holds a duty and nobody there may take it. The duty stays, and administrators are told, once for each duty.

They learn that somebody has to be added to the post, and nothing of the report. An administrator who must not know of it is not told;
where no administrator may be told, members of professional standards who may know of it are.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, PersonQuerySet, Post, Role
from reporting import duty as duties
from reporting import staffing
from reporting.models import Duty, Exclusion, Report

STANDARDS = "/standards/"


def unstaffed() -> QuerySet[Duty]:
    """Open duties at a post that nobody there may take."""
    nobody = Q(pk__in=[])
    for post in Post.objects.filter(pk__in=Duty.objects.open().filter(post__isnull=False).values("post")):
        nobody |= Q(post=post) & _kept_from({person.pk for person in staffing.staff_of(post)})
    return Duty.objects.open().filter(nobody).select_related("report", "post").order_by("pk")


def unstaffed_known_to(person: Person) -> int:
    """How many of them somebody in professional standards may know of."""
    return unstaffed().filter(report__in=Report.objects.all().overseen_by(person)).count()


def alert_unstaffed() -> int:
    """Tell administrators of posts that were emptied while they held a duty; return how many duties that is. Nobody is told twice."""
    with transaction.atomic():
        found = list(unstaffed())
        told = administrators()
        put_all([notice for duty in found for notice in alerts(duty, duties.excluded_from(duty.report), told)])
    return len(found)


def administrators() -> list[Person]:
    """Whom to tell, for many duties at once."""
    people: PersonQuerySet = Person.objects.active()
    return list((people.with_role(Role.ADMINISTRATOR) | people.filter(is_superuser=True)).order_by("pk"))


def alerts(duty: Duty, excluded: Collection[uuid.UUID], told: Sequence[Person] | None = None) -> list[Notice]:
    """Notices to the administrators who may know that there is a report or, where none of them may, to professional standards who may.

    `told`: `administrators()`, where they were read already.
    """
    if duty.post is None:
        return []
    hidden = {*excluded, duty.report.reporter_id}
    free = [person for person in (administrators() if told is None else told) if person.pk not in hidden]
    if free:
        link = reverse("admin:people_post_change", args=[duty.post.pk])
        return [_alert(duty, person, "Add somebody to the desk.", link) for person in free]
    standards: PersonQuerySet = Person.objects.active().with_role(Role.PROFESSIONAL_STANDARDS).exclude(pk__in=hidden)
    return [
        _alert(duty, person, "No administrator can be told: see that somebody is added to the desk.", STANDARDS) for person in standards
    ]


def _alert(duty: Duty, person: Person, ask: str, link: str) -> Notice:
    return Notice(
        to=person,
        kind="post.unstaffed",
        subject=f"Nobody at {duty.desk.in_words} can take a report",
        body=(
            f"{duties.holder_first(duty)} holds the duty to act on a report, and nobody there may take it: the desk is empty, or everybody "
            f"at it is kept from this report. {ask}"
        ),
        link=link,
        dedupe=f"unstaffed:{duty.pk}:{person.pk}",
    )


def _kept_from(staff: set[uuid.UUID]) -> Q:
    """Reports that every one of `staff` is excluded from, or that reported it: of an empty desk, all of them."""
    if not staff:
        return Q()
    kept = Exclusion.objects.filter(report=OuterRef("report"), person__in=staff).order_by().values("report")
    return Q(Exists(kept.annotate(many=Count("pk")).filter(many=len(staff))))

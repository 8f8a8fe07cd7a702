"""Unstaffed: a post holds a duty and nobody there may take it. The duty stays, and administrators are told, once for each duty.

They learn that somebody has to be added to the post, and nothing of the report. An administrator who must not know of it is not told.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from collections.abc import Set as AbstractSet

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Post, Role
from reporting import duty as duties
from reporting.models import Duty, Exclusion


def unstaffed() -> list[Duty]:
    """Open duties at a post that nobody there may take."""
    found = list[Duty]()
    for post in Post.objects.filter(pk__in=Duty.objects.open().filter(post__isnull=False).values("post")):
        found += _at(post, {person.pk for person in duties.staff_of(post)})
    return found


def alert_unstaffed() -> int:
    """Tell administrators of posts that were emptied while they held a duty; return how many duties that is. Nobody is told twice."""
    with transaction.atomic():
        found = unstaffed()
        put_all([notice for duty in found for notice in alerts(duty, duties.excluded_from(duty.report))])
    return len(found)


def alerts(duty: Duty, excluded: AbstractSet[uuid.UUID] | Collection[uuid.UUID]) -> list[Notice]:
    """Notices to the administrators who may know that there is a report."""
    post = duty.post
    if post is None:
        return []
    hidden = {*excluded, duty.report.reporter_id}
    administrators = Person.objects.active().filter(Q(groups__name=Role.ADMINISTRATOR) | Q(is_superuser=True)).distinct()
    return [
        Notice(
            to=person,
            kind="post.unstaffed",
            subject=f"Nobody at {post} can take a report",
            body=(
                f"{post} holds the duty to act on a report, and nobody there may take it: the desk is empty, or everybody at it is kept"
                " from this report. Add somebody to the desk."
            ),
            link=reverse("admin:people_post_change", args=[post.pk]),
            dedupe=f"unstaffed:{duty.pk}:{person.pk}",
        )
        for person in administrators.exclude(pk__in=hidden).order_by("pk")
    ]


def _at(post: Post, staff: set[uuid.UUID]) -> list[Duty]:
    held = Duty.objects.open().filter(post=post).select_related("report", "post").order_by("pk")
    if not staff:
        return list(held)
    kept_from: dict[uuid.UUID, set[uuid.UUID]] = {}
    for report, person in Exclusion.objects.filter(report__in=held.values("report"), person__in=staff).values_list("report", "person"):
        kept_from.setdefault(report, set()).add(person)
    return [duty for duty in held if kept_from.get(duty.report_id) == staff]

"""Remind: what stays overdue with a post is brought up every day, in one notice to each member, until it is acted on.

Where the post has a rota, those on duty are reminded, each in the first round of the day that finds them there.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.text import capfirst

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Post
from portal.record.appending import now
from portal.ui import words
from reporting import staffing
from reporting.models import Duty


def remind(*, today: date) -> int:
    """Put one notice a day to each member of a post with something overdue; return to how many. The same day again adds none."""
    with transaction.atomic():
        at = now()
        overdue = Duty.objects.filter(post__isnull=False).late(at)
        posts = Post.objects.filter(pk__in=overdue.values("post"))
        notices = [notice for post in posts for notice in _to_members(post, today, at)]
        put_all(notices)
    return len(notices)


def _to_members(post: Post, today: date, at: datetime) -> list[Notice]:
    """To those on duty or, where none of them may know of anything overdue, to everyone who may."""
    staff = staffing.staff_of(post)
    confidential = Duty.objects.filter(post=post, report__confidential=True).late(at).exists()
    there = staffing.on_duty(post, staff, frozenset(), at, confidential=confidential)
    told = [notice for person in there if (notice := _notice(post, person, today, at))]
    return told or [notice for person in staff if (notice := _notice(post, person, today, at))]


def _notice(post: Post, person: Person, today: date, at: datetime) -> Notice | None:
    number = Duty.objects.filter(post=post).held_by(person).late(at).count()
    if not number:
        return None
    return Notice(
        to=person,
        kind="duty.overdue",
        subject=f"{words.count(number, 'report')} overdue with {post.in_words}",
        body=f"{capfirst(post.in_words)} holds the duty to act on {words.count(number, 'report')} past a deadline. "
        "They stay here until somebody acts.",
        link="/duties/?state=overdue",
        dedupe=f"overdue:{post.pk}:{person.pk}:{today.isoformat()}",
    )

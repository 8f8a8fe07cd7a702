"""How people learn that a receipt is there: a sentence in the notice that goes out anyway, or a notice of its own."""

from __future__ import annotations

from django.conf import settings

from portal.notices.outbox import Notice
from portal.people.models import Person
from portal.record.models import Fact


def where() -> str:
    """The sentence for a notice that tells of the event itself."""
    return f"Your receipt is at {settings.BASE_URL}/receipts/."


def ready(*, to: Person, fact: Fact, title: str) -> Notice:
    """A notice for what somebody did and no other notice tells them of; once for each fact.

    `title`: what the receipt proves, such as "You claimed …". It names what the fact is about, so that who must not learn of a report
    after all is not told of their receipt either.
    """
    return Notice(
        to=to,
        kind="receipt.ready",
        subject="Your receipt is ready",
        body=f"{title}. The receipt proves it, also without the portal.",
        link=f"/receipts/{fact.pk}/",
        dedupe=f"receipt:{fact.pk}:{to.pk}",
    )

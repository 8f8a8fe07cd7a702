"""Choose how to be told: channels, what can wait for one message a day, quiet hours, and browsers that may show notifications."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time as clock_time

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from portal.notices import kinds, reaching
from portal.notices.channels import push
from portal.notices.delivering import send_again
from portal.notices.models import Outbox, Preference, Quiet, State, Subscription, When
from portal.notices.outbox import put
from portal.people.models import Person
from portal.record.appending import append, person_actor, process_actor
from portal.record.canonical import Json

MOST_BROWSERS = 10
POINT, SECRET = 65, 16  # bytes of a browser's public key and of its secret (RFC 8291)


class NoSubscription(Exception):
    """What a browser sent is not a subscription, or there are too many; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """`groups`: by code; those that are always told at once are ignored. `quiet_days`: Monday is 0, the day on which the hours begin."""

    by_email: bool = True
    by_text: bool = False
    mobile: str = ""
    groups: Mapping[str, When]
    daily_hour: int = 8
    quiet: Quiet = Quiet.NONE
    quiet_from: clock_time | None = None
    quiet_until: clock_time | None = None
    quiet_days: Sequence[int] = ()


def choose(*, person: Person, choices: Choices) -> Preference:
    """Keep what this person chose. What was held for them under other choices is looked at again at once."""
    may_choose = {group.code for group in kinds.groups() if not group.always}
    groups = {code: str(when) for code, when in choices.groups.items() if code in may_choose and when != When.AT_ONCE}
    own = choices.quiet == Quiet.OWN
    kept = {
        "by_email": choices.by_email or not choices.by_text,
        "by_text": choices.by_text,
        "mobile": choices.mobile,
        "groups": groups,
        "daily_hour": choices.daily_hour,
        "quiet": choices.quiet,
        "quiet_from": choices.quiet_from if own else None,
        "quiet_until": choices.quiet_until if own else None,
        "quiet_days": sorted(choices.quiet_days) if own else [],
    }
    with transaction.atomic():
        preference, _ = Preference.objects.update_or_create(person=person, defaults=kept)
        Outbox.objects.filter(to=person, state=State.HELD).update(next_try_at=Now())
        append(kind="preference.changed", subject=f"preference:{person.pk}", actor=person_actor(person), facts=_facts(preference))
    return preference


def _facts(kept: Preference) -> dict[str, Json]:
    """What bears on who was told when; no address."""
    hours = [str(kept.quiet_from), str(kept.quiet_until)] if kept.quiet == Quiet.OWN else []
    return {
        "by_email": kept.by_email,
        "by_text": kept.by_text,
        "groups": dict(kept.groups),
        "daily_hour": kept.daily_hour,
        "quiet": str(kept.quiet),
        "quiet_hours": [*hours],
        "quiet_days": [*kept.quiet_days],
    }


def subscribe(*, person: Person, endpoint: str, p256dh: str, auth: str, browser: str) -> Subscription:
    """Let a browser show this person's notifications. One that a colleague used before is now this person's. Raises NoSubscription."""
    if not push.may_post_to(endpoint) or len(endpoint) > 1000 or not (_is_key(p256dh, POINT) and _is_key(auth, SECRET)):
        raise NoSubscription("Your browser’s notifications go through a service that the portal does not know.")
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)  # their browsers are counted one at a time
        others = Subscription.objects.filter(person=person).exclude(endpoint=endpoint).count()
        if others >= MOST_BROWSERS:
            raise NoSubscription(f"You can turn notifications on in {MOST_BROWSERS} browsers. Turn one off first.")
        kept = {"person": person, "p256dh": p256dh, "auth": auth, "browser": browser[:120]}
        subscription, _ = Subscription.objects.update_or_create(endpoint=endpoint, defaults=kept)
        append(kind="preference.browser_added", subject=f"preference:{person.pk}", actor=person_actor(person))
    return subscription


def unsubscribe(*, person: Person, subscription_id: int) -> bool:
    """Whether there was such a browser of theirs."""
    return _forget(Subscription.objects.filter(person=person, pk=subscription_id), person_actor(person)) > 0


def unsubscribe_others(*, person: Person, but: int) -> int:
    """Turn off every browser of theirs but one; how many there were."""
    return _forget(Subscription.objects.filter(person=person).exclude(pk=but), person_actor(person))


def leave_to(*, person: Person, subscription_id: int) -> bool:
    """This person uses the browser now; whether it was somebody else's."""
    return _forget(Subscription.objects.filter(pk=subscription_id).exclude(person=person), process_actor("sign-in")) > 0


def _forget(subscriptions: QuerySet[Subscription], actor: str) -> int:
    with transaction.atomic():
        gone = list(subscriptions.select_for_update().order_by("pk"))
        for one in gone:
            one.delete()
            append(kind="preference.browser_removed", subject=f"preference:{one.person_id}", actor=actor)
    return len(gone)


def try_addresses_again(*, person: Person) -> None:
    """They say that their address works: it is used again, for what was given up too, and a notice is on its way to show it."""
    with transaction.atomic():
        reaching.try_again(person_id=person.pk)
        send_again(keys=list(Outbox.objects.given_up().filter(to=person).values_list("pk", flat=True)))
        _put_test(person)


def test(*, person: Person) -> None:
    """Send this person a notice that says nothing, by every channel that a duty would take. At most one a minute."""
    with transaction.atomic():
        _put_test(person)


def _put_test(person: Person) -> None:
    put(
        to=person,
        kind="notice.test",
        subject="A test from Candour",
        body="You asked for this. A notice of a duty reaches you the same way.",
        link="/accounts/notices/",
        dedupe=f"notice.test:{person.pk}:{int(time.time()) // 60}",
    )


def _is_key(spelled: str, length: int) -> bool:
    try:
        return len(base64.b64decode(spelled + "=" * (-len(spelled) % 4), altchars=b"-_", validate=True)) == length
    except (binascii.Error, ValueError):
        return False

"""Deliver what waits in the outbox: at least once, in order of need, with back-off and an end.

A notice is claimed (a lease, committed) and sent by each channel it takes; what each made of it is kept at once. A worker killed in
between lets it come round again: what it had not kept is sent again, under the same Message-ID or reference.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models.functions import Now

from portal.hours import calendars
from portal.hours.counting import ALWAYS, Hours
from portal.notices import claiming, delivered, digests, kinds, planning, reaching
from portal.notices.channels.base import Letter, NotNow, Refused, Taken
from portal.notices.channels.configured import Channels
from portal.notices.models import MAY_BE_DUE, Outbox, Outcome, Quiet, Sending, State, Way
from portal.people.models import Person
from portal.record.appending import now

log = logging.getLogger(__name__)
BATCH = 100
BACK_OFF = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600, 86400)]
JITTER = 0.25  # so that what failed together does not come back together
DEATHS = 3  # times that a worker may die over a notice, beyond the attempts that came to an end
ANOTHER_WAY_AFTER = 2  # attempts: a duty does not wait for a mail server that stays away where something else reaches its holder


def deliver_batch(*, most: int = BATCH) -> int:
    """Send up to `most` due notices; return how many were taken up. What there was no time for is given back."""
    until = time.monotonic() + claiming.WORK_SECONDS
    taken = claiming.claim(most)
    if not taken:
        return 0
    batch = Batch(taken, now())
    try:
        for place, notice in enumerate(taken):
            if time.monotonic() > until:
                claiming.give_back(taken[place:])
                return place
            batch.take(notice)
    finally:
        batch.close()
    return len(taken)


class Batch:
    """Notices that were claimed together: their recipients are looked up once, and each channel is opened once."""

    def __init__(self, notices: Collection[Outbox], at: datetime) -> None:
        self.at = at
        self.channels = Channels()
        self._calendar: calendars.Calendar | None = None
        self._urgent = _urgent(list(notices))
        self._reach = reaching.reach_all({notice.to for notice in notices}, at)

    def close(self) -> None:
        self.channels.close()

    def take(self, notice: Outbox) -> None:
        """Deliver one. A fault in it, in a room that is asked about it or in a channel must not hold up the others."""
        if notice.attempts > len(BACK_OFF) + DEATHS:
            settle(notice, State.FAILED, "whoever took it up never came to an end")
            return
        try:
            self._deliver(notice)
        except DatabaseError:
            raise
        except Exception as error:
            log.exception("notice %s could not be delivered", notice.pk)
            _again_or_give_up(notice, type(error).__name__)

    def _deliver(self, notice: Outbox) -> None:
        """Do what is to be done with one notice now."""
        if why := kinds.withheld(notice):
            settle(notice, State.WITHHELD, why)
            return
        if digests.is_digest(notice):
            letter = digests.letter(notice)
            self._send(notice, letter) if letter else settle(notice, State.WITHHELD, "nothing left to say")
            return
        plan = self._plan(notice)
        if plan.mute:
            settle(notice, State.MUTED, "")
        elif plan.gather:
            digests.gather(notice, at=self.at, fits=lambda other: self._plan(other).gather)
        elif plan.until:
            claiming.later(notice, plan.until, State.HELD)
        else:
            self._send(notice, letter_of(notice, urgent=notice.pk in self._urgent), always=kinds.group_of(notice.kind).always)

    def _plan(self, notice: Outbox) -> planning.Plan:
        urgent = notice.pk in self._urgent
        chosen = reaching.preference_of(notice.to)
        shifts = self._shifts(notice.to) if chosen.quiet == Quiet.SHIFT else ALWAYS
        return planning.plan(kinds.group_of(notice.kind), chosen, urgent=urgent, made_at=notice.made_at, at=self.at, shifts=shifts)

    def _shifts(self, person: Person) -> Hours:
        """When this person's unit works, as administrators have it now; read once for the batch."""
        self._calendar = self._calendar or calendars.in_force()
        return self._calendar.hours(calendars.follower_of(person, None))

    def _send(self, notice: Outbox, letter: Letter, *, always: bool = False) -> None:
        """By every channel it takes; then sent, tried again later, or given up."""
        known = self._reach[notice.to_id]
        reach = replace(known, resting=set(known.resting))
        done = {Way(way): Outcome(outcome) for way, outcome in notice.sendings.values_list("way", "outcome")}
        trouble: dict[Way, str] = {}
        while ways := [way for way in planning.ways_to_try(reach, always=always, done=done) if way not in trouble]:
            for way in ways:
                try:
                    keep_taken(notice, way, self.channels[way].send(letter, notice.to, reach.addresses[way]))
                    done[way] = Outcome.TAKEN
                except Refused as refused:
                    keep_refused(notice, way, reach.addresses[way], refused)
                    done[way] = Outcome.REFUSED
                    trouble[way] = str(refused)
                    known.resting.add(way)  # for what else this batch has for them
                except NotNow as error:
                    trouble[way] = str(error)
                    if always and notice.attempts > ANOTHER_WAY_AFTER:
                        reach.resting.add(way)
        again = [way for way in trouble if done.get(way) != Outcome.REFUSED]
        _end(notice, done, trouble, again=bool(again), always=always)


def _urgent(notices: list[Outbox]) -> set[int]:
    """A room that cannot say which of its notices are urgent must not hold up any: then they all are."""
    try:
        return kinds.urgent(notices)
    except DatabaseError:
        raise
    except Exception:
        log.exception("which notices are urgent could not be asked")
        return {notice.pk for notice in notices}


def letter_of(notice: Outbox, *, urgent: bool = False) -> Letter:
    return Letter(
        key=notice.dedupe,
        title=notice.subject,
        text=notice.body,
        address=f"{settings.BASE_URL}{notice.link}",
        urgent=urgent,
        again=notice.may_have_gone,
    )


def keep_taken(notice: Outbox, way: Way, taken: Taken) -> None:
    """The channel has it. Whoever waits to hear that somebody was told hears it in the same transaction."""
    with transaction.atomic():
        at = now()
        outcome = Outcome.TOLD if taken.told else Outcome.TAKEN
        _keep(Sending(notice=notice, way=way, outcome=outcome, provider_id=taken.provider_id, at=at))
        Outbox.objects.filter(pk=notice.pk, sent_at=None).update(sent_at=at)
        if taken.told:
            told(notice, at)
            reaching.works(person_id=notice.to_id, way=way)


def told(notice: Outbox, at: datetime) -> None:
    """Its recipient was told, of every notice in it where it is a daily message."""
    for dedupe in [notice.dedupe, *notice.gathered.values_list("dedupe", flat=True)]:
        delivered.tell(dedupe, at)


def keep_refused(notice: Outbox, way: Way, address: str, refused: Refused) -> None:
    with transaction.atomic():
        at = now()
        _keep(Sending(notice=notice, way=way, outcome=Outcome.REFUSED, at=at))
        if refused.bounced:
            reaching.mark(person_id=notice.to_id, way=way, address=address, why=str(refused), at=at)


def _keep(sending: Sending) -> None:
    """Whoever lost the lease and sent it all the same may come second: what was kept first stands."""
    Sending.objects.bulk_create([sending], ignore_conflicts=True)


def settle(notice: Outbox, state: State, why: str) -> None:
    """It has come to its end, and so has all that was gathered in it. Whoever comes second, after their lease ran out, changes nothing."""
    with transaction.atomic():
        sent = {"sent_at": now()} if state == State.SENT else {}
        ended = Outbox.objects.filter(pk=notice.pk, state__in=MAY_BE_DUE).update(state=state, last_error=why[:200])
        if ended and state in (State.SENT, State.WITHHELD):
            Outbox.objects.filter(gathered_in=notice.pk, state=State.GATHERED).update(state=state, **sent)


def _end(notice: Outbox, done: dict[Way, Outcome], trouble: dict[Way, str], *, again: bool, always: bool) -> None:
    """`again`: a channel is to be tried later. A notice that only channels took which tell nobody is no success where telling matters."""
    taken = [way for way, outcome in done.items() if outcome != Outcome.REFUSED]
    enough = planning.tells(taken) if always else bool(taken)
    why = "; ".join(f"{way.label}: {text}" for way, text in trouble.items())
    if again and (notice.attempts <= len(BACK_OFF) or not enough):
        _again_or_give_up(notice, why)
    elif enough:
        settle(notice, State.SENT, "")
    else:
        _give_up(notice, why or "no channel reaches them")


def _again_or_give_up(notice: Outbox, why: str) -> None:
    if notice.attempts > len(BACK_OFF):
        _give_up(notice, why)
        return
    log.warning("notice %s was not delivered (attempt %s): %s", notice.pk, notice.attempts, why)
    wait = BACK_OFF[notice.attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311 - not a secret
    claiming.still_ours(notice).update(state=State.WAITING, last_error=why[:200], next_try_at=Now() + wait)


def _give_up(notice: Outbox, why: str) -> None:
    log.error("notice %s was given up: %s", notice.pk, why)
    settle(notice, State.FAILED, why)


def send_again(*, keys: Collection[int]) -> int:
    """Begin anew with notices that were given up, as if nothing had refused them; return how many."""
    with transaction.atomic():
        chosen = list(Outbox.objects.given_up().filter(pk__in=keys).select_for_update(no_key=True, of=("self",)))
        Sending.objects.filter(notice__in=chosen, outcome=Outcome.REFUSED).delete()
        for notice in chosen:
            reaching.try_again(person_id=notice.to_id)
        return Outbox.objects.filter(pk__in=[notice.pk for notice in chosen]).begin_anew()

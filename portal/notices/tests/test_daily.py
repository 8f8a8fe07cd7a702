"""The daily message: one a day, nothing lost, nothing twice; and notices that wait for the end of quiet hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db.models import F
from django.utils import timezone

from portal.hours.counting import LONDON
from portal.hours.models import Follower, Pattern, Shift
from portal.notices import digests, kinds
from portal.notices.channels.smtp import Smtp
from portal.notices.delivering import deliver_batch, send_again
from portal.notices.models import Outbox, Quiet, State, When
from portal.notices.tests.making import DUTY, NEWS, all_due, choose, deliver_all, tell
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Person:
    """Somebody who is told of guidance and receipts once a day, at the hour that has just begun."""
    person: Person = PersonFactory.create()
    choose(person, groups={"guidance": When.DAILY, "receipts": When.DAILY}, daily_hour=timezone.now().astimezone(LONDON).hour)
    return person


def a_day_passes() -> None:
    """What was put by is now due, and a day old."""
    Outbox.objects.filter(state=State.HELD).update(made_at=F("made_at") - timedelta(days=1))
    all_due()


def news(person: Person, *numbers: int) -> None:
    for number in numbers:
        tell(person, f"guidance.waiting:{number}:{person.pk}", NEWS, subject=f"Guidance {number}", link=f"/guidance/{number}/")


def test_what_can_wait_waits_for_the_daily_message(officer: Person) -> None:
    news(officer, 1)
    deliver_all()
    assert not mail.outbox
    assert Outbox.objects.get().state == State.HELD
    assert Outbox.objects.get().attempts == 0


def test_one_message_a_day_has_a_line_and_a_link_for_each(officer: Person) -> None:
    news(officer, 1, 2, 3)
    tell(officer, "receipt:1", "receipt.ready", subject="Your receipt is ready", link="/receipts/1/")
    deliver_all()
    a_day_passes()
    deliver_all()
    (letter,) = mail.outbox
    assert letter.to == [officer.email]
    for number in (1, 2, 3):
        assert f"Guidance {number}\nhttp://testserver/guidance/{number}/" in letter.body
    assert letter.body.startswith("4 notices wait for you.")
    day = timezone.now().astimezone(LONDON).date().isoformat()
    assert letter.extra_headers["Message-ID"] == f"<digest.{officer.pk}.{day}@force.example>"
    assert set(Outbox.objects.values_list("state", flat=True)) == {State.SENT}


def test_a_second_message_does_not_go_on_the_same_day(officer: Person) -> None:
    news(officer, 1)
    deliver_all()
    a_day_passes()
    deliver_all()
    news(officer, 2)
    deliver_all()
    a_day_passes()
    deliver_all()
    assert len(mail.outbox) == 1
    waiting = Outbox.objects.get(dedupe__startswith="guidance.waiting:2")
    assert (waiting.state, waiting.next_try_at > timezone.now()) == (State.HELD, True)


def test_nothing_more_goes_into_a_message_that_was_given_up_and_is_sent_again(officer: Person) -> None:
    news(officer, 1)
    deliver_all()
    a_day_passes()
    deliver_all()
    message = Outbox.objects.get(kind=digests.KIND)
    Outbox.objects.filter(pk=message.pk).update(state=State.FAILED)
    assert send_again(keys=[message.pk]) == 1
    Outbox.objects.filter(pk=message.pk).update(next_try_at=timezone.now() + timedelta(hours=1))  # not in the batch that follows
    news(officer, 2)
    Outbox.objects.filter(dedupe__startswith="guidance.waiting:2").update(made_at=F("made_at") - timedelta(days=1))
    deliver_all()
    assert Outbox.objects.get(dedupe__startswith="guidance.waiting:2").state == State.HELD


def test_a_duty_does_not_wait_for_it(officer: Person) -> None:
    news(officer, 1)
    tell(officer, "duty:1", DUTY)
    deliver_all()
    assert [letter.subject for letter in mail.outbox] == ["A duty is yours"]


def test_everything_of_one_person_goes_into_one_message_however_small_the_batches(officer: Person) -> None:
    other = PersonFactory()
    choose(other, groups={"guidance": When.DAILY}, daily_hour=timezone.now().astimezone(LONDON).hour)
    news(officer, *range(6))
    news(other, *range(6, 9))
    deliver_all()
    a_day_passes()
    while deliver_batch(most=2):
        pass
    assert sorted(letter.body.count("http://testserver/guidance/") for letter in mail.outbox) == [3, 6]


def test_a_message_that_could_not_go_goes_later_whole_and_under_the_same_id(officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    news(officer, 1, 2)
    deliver_all()
    a_day_passes()
    seen: list[str] = []

    def away(self: Smtp, letter: Any, to: Person, address: str) -> None:
        seen.append(letter.key)
        raise smtplib_gone()

    with monkeypatch.context() as broken:
        broken.setattr(Smtp, "send", away)
        deliver_all()
    assert not mail.outbox
    all_due()
    deliver_all()
    (letter,) = mail.outbox
    assert letter.body.count("http://testserver/guidance/") == 2
    assert letter.extra_headers["Message-ID"].strip("<>").partition("@")[0] == seen[0].replace(":", ".")
    assert set(Outbox.objects.values_list("state", flat=True)) == {State.SENT}


def smtplib_gone() -> Exception:
    from portal.notices.channels.base import NotNow

    return NotNow("gone")


def test_what_must_not_be_told_any_more_is_left_out_of_it(officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    news(officer, 1, 2)
    deliver_all()
    a_day_passes()
    monkeypatch.setitem(kinds._withheld, "test", lambda notice: "secret" if notice.subject == "Guidance 1" else "")
    deliver_all()
    (letter,) = mail.outbox
    assert "Guidance 2" in letter.body
    assert "Guidance 1" not in letter.body
    assert Outbox.objects.get(subject="Guidance 1").state == State.WITHHELD


def test_a_message_with_nothing_left_in_it_does_not_go(officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    news(officer, 1)
    deliver_all()
    a_day_passes()
    deliver_batch()
    monkeypatch.setitem(kinds._withheld, "test", lambda notice: "secret" if notice.kind == NEWS else "")
    deliver_all()
    assert not mail.outbox
    assert Outbox.objects.get(kind=digests.KIND).state == State.WITHHELD


def test_who_chose_not_to_be_told_is_not(officer: Person) -> None:
    choose(officer, groups={"guidance": When.NEVER})
    news(officer, 1)
    deliver_all()
    assert not mail.outbox
    assert Outbox.objects.get().state == State.MUTED


def test_a_notice_in_quiet_hours_goes_when_they_end_and_is_tried_as_if_for_the_first_time(officer: Person) -> None:
    at = timezone.now().astimezone(LONDON)
    hours = {"quiet_from": (at - timedelta(hours=1)).time(), "quiet_until": (at + timedelta(hours=1)).time()}
    choose(officer, groups={}, quiet=Quiet.OWN, quiet_days=list(range(7)), **hours)
    tell(officer)
    deliver_all()
    held = Outbox.objects.get()
    assert (held.state, held.attempts, mail.outbox) == (State.HELD, 0, [])
    assert timedelta(minutes=59) < held.next_try_at - held.made_at <= timedelta(hours=1)
    choose(officer, quiet=Quiet.NONE)
    all_due()
    deliver_all()
    assert len(mail.outbox) == 1


def test_quiet_hours_by_shift_are_those_of_ones_own_unit(officer: Person) -> None:
    at = timezone.now().astimezone(LONDON)
    later = Pattern.objects.create(name="Tomorrow")
    Shift.objects.create(pattern=later, weekday=(at.weekday() + 2) % 7, starts=time(9), ends=time(17))
    Follower.objects.create(pattern=later, unit=officer.unit)
    elsewhere = PersonFactory.create(unit=UnitFactory.create(code="XX"))
    for person in (officer, elsewhere):
        choose(person, groups={}, quiet=Quiet.SHIFT)
        tell(person, f"guidance.waiting:{person.pk}", NEWS)
    Pattern.objects.filter(is_default=True).delete()
    deliver_all()
    states = dict(Outbox.objects.values_list("to", "state"))
    assert states == {officer.pk: State.HELD, elsewhere.pk: State.SENT}


def test_urgent_notices_do_not_wait_for_the_end_of_quiet_hours(officer: Person) -> None:
    at = timezone.now().astimezone(LONDON)
    hours = {"quiet_from": (at - timedelta(hours=1)).time(), "quiet_until": (at + timedelta(hours=1)).time()}
    choose(officer, quiet=Quiet.OWN, quiet_days=list(range(7)), **hours)
    tell(officer, "missed:1", "deadline.missed")
    deliver_all()
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_gather_at_once_make_one_message_of_everything(together: Callable[..., list[Any]]) -> None:
    person = PersonFactory.create()
    choose(person, groups={"guidance": When.DAILY}, daily_hour=timezone.now().astimezone(LONDON).hour)
    news(person, *range(12))
    deliver_all()
    a_day_passes()
    together(*[lambda: deliver_batch(most=3)] * 4)
    deliver_all()
    all_due()
    deliver_all()
    (letter,) = mail.outbox
    assert letter.body.count("http://testserver/guidance/") == 12
    assert set(Outbox.objects.values_list("state", flat=True)) == {State.SENT}

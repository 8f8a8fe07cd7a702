"""Background work of reporting. `schedule.BEAT` says how often."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from reporting.confidence.naming import tell_due
from reporting.counting.reckoning import reckon
from reporting.drafts.drafting import discard_old
from reporting.erasure.erasing_again import erase_again
from reporting.escalation.leavers import move_left_behind
from reporting.escalation.reminding import remind
from reporting.escalation.unstaffed import alert_unstaffed


@shared_task(name="reporting.remind", ignore_result=True)
def remind_of_overdue() -> int:
    """Put today's reminders; return how many people were reminded. Later rounds of a day add none."""
    return remind(today=timezone.localdate())


@shared_task(name="reporting.discard_old_drafts", ignore_result=True)
def discard_old_drafts() -> int:
    """Erase drafts that nobody saved for four weeks; return how many."""
    return discard_old()


@shared_task(name="reporting.erase_again", ignore_result=True)
def erase_what_was_brought_back() -> int:
    """Erase what a backup brought back; return how many reports."""
    return erase_again()


@shared_task(name="reporting.move_left_behind", ignore_result=True)
def move_what_reached_leavers() -> int:
    """Pass on duties that reached somebody in the moment in which they left; return how many."""
    return move_left_behind()


@shared_task(name="reporting.tell_reporters", ignore_result=True)
def tell_reporters() -> int:
    """Tell reporters that their name was opened, once the day until which that was withheld has come; return how many."""
    return tell_due()


@shared_task(name="reporting.alert_unstaffed", ignore_result=True)
def alert_administrators_of_empty_posts() -> int:
    """Tell administrators of posts that hold a duty and have nobody to take it; return how many duties. Nobody is told twice."""
    return alert_unstaffed()


@shared_task(name="reporting.reckon", ignore_result=True)
def reckon_figures() -> int:
    """Bring the figures up to the record; return of how many reports."""
    return reckon()

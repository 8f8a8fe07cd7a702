"""What a reporter hears of their report besides who holds the duty: see `notifying.told_reporter_of_pass` for that."""

from __future__ import annotations

from portal.notices.outbox import Notice
from portal.receipts import telling
from portal.ui import words
from reporting import duty as duties
from reporting import notifying
from reporting.choices import Deadline
from reporting.models import Duty, Lapse

DOING = {Deadline.OPEN: "open", Deadline.ACT: "act on"}


def told_of_lapse(duty: Duty, lapse: Lapse) -> Notice:
    """A deadline passed and the duty stays where it is, with the post at the top."""
    reference, doing = duty.report.reference, DOING[Deadline(lapse.deadline)]
    return notifying.told_reporter(
        duty.report,
        kind="report.overdue",
        dedupe=f"report-overdue:{duty.pk}:{lapse.deadline}",
        subject=f"A deadline was missed on your report {reference}",
        body=(
            f"{duties.holder_first(duty)} did not {doing} your report {reference} by {words.moment(lapse.due_at)}. "
            f"The duty stays there until somebody acts. {telling.where()}"
        ),
    )


def told_of_dispute(duty: Duty) -> Notice:
    """They disputed a closure: who holds the duty now."""
    reference = duty.report.reference
    return notifying.told_reporter(
        duty.report,
        kind="report.passed",
        dedupe=f"report-passed:{duty.pk}",
        subject=f"You disputed what was done about your report {reference}",
        body=f"{duties.holder_first(duty)} holds the duty to act on your report {reference} now. {telling.where()}",
    )

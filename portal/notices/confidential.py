"""Which notices say by their recipient who reported or who has to act. That is no administrator's business."""

from __future__ import annotations

from django.db.models import Q

from portal.notices.models import Outbox

OPEN = (
    "guidance.",
    "handset.",
    "discrepancy.",
    "access.",
    "absence.",
    "post.rota_empty",
    "record.",
    "notice.",
    "watch.",
)  # every other kind may be about a report


def confidential() -> Q:
    """Notices whose recipient would tell who reported or who holds a duty."""
    about = Q()
    for start in OPEN:
        about |= Q(kind__startswith=start)
    return ~about


def is_confidential(notice: Outbox) -> bool:
    return not notice.kind.startswith(OPEN)

"""What `verify_record` asks of this room: a kept calendar is still the text that its digest names."""

from __future__ import annotations

from collections.abc import Iterator

from portal.postgres.base import rows

ALTERED = "SELECT digest FROM hours_keptcalendar WHERE encode(sha256(convert_to(text, 'UTF8')), 'hex') <> digest ORDER BY digest"


def disagreements() -> Iterator[str]:
    for (digest,) in rows(ALTERED):
        yield f"calendar {digest} was altered after it was kept"

"""The retention rule: what was closed so many years ago may be erased. Nothing is erased by itself."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from portal.postgres.base import rows

YEARS_BEFORE = "SELECT coalesce(%s::timestamptz, clock_timestamp()) - make_interval(years => %s::integer)"


def retention_cutoff(at: datetime | None = None) -> datetime:
    """What was closed before this moment has passed its retention date at `at`, or now, by the database's clock."""
    ((before,),) = rows(YEARS_BEFORE, [at, settings.RETENTION_YEARS])
    read: datetime = before
    return read

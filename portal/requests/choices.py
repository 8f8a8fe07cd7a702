"""On what ground something is erased, and how it stands with a request to erase."""

from __future__ import annotations

from django.db import models


class Ground(models.TextChoices):
    """Why something may be erased."""

    RETENTION = "retention", "The retention rule"
    ORDER = "order", "A lawful order"


class ErasureState(models.TextChoices):
    ASKED = "asked", "Waiting for a second person"
    DONE = "done", "Erased"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"

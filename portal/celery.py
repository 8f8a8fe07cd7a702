"""The Celery application: background work that may wait. What must happen on time belongs to the clock."""

from __future__ import annotations

import os

from celery import Celery

from guidance import schedule as guidance
from portal.vault import schedule as vault
from reporting import schedule as reporting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("candour")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {**guidance.BEAT, **reporting.BEAT, **vault.BEAT}
app.autodiscover_tasks()

"""The Celery application: background work that may wait. What must happen on time belongs to the clock."""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery, Task

from guidance import schedule as guidance
from portal.erasure import schedule as erasure
from portal.notices import schedule as notices
from portal.people import schedule as people
from portal.receipts import schedule as receipts
from portal.record import schedule as record
from portal.vault import schedule as vault
from portal.watch import schedule as watch
from reporting import schedule as reporting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

log = logging.getLogger(__name__)


class TaskOfTheRecord(Task):  # type: ignore[misc]
    """Every task of the portal: it does nothing while the database is not the one that was signed.

    An older database does not know which letters it has sent, nor which files its lost rows refer to.
    """

    def __call__(self, *args: Any, **named: Any) -> Any:
        from portal.record import standing  # models: Django is set up by the time a task runs, not when this module is read

        found = standing.trouble()
        if found is None:
            return super().__call__(*args, **named)
        log.warning("%s was left undone: %s", self.name, found.text)
        return None


app = Celery("candour", task_cls=TaskOfTheRecord)
app.config_from_object("django.conf:settings", namespace="CELERY")
ROOMS = (erasure, guidance, notices, people, reporting, receipts, record, vault, watch)
app.conf.beat_schedule = {name: entry for room in ROOMS for name, entry in room.BEAT.items()}
app.autodiscover_tasks()

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RecordConfig(AppConfig):
    name = "portal.record"
    label = "record"
    verbose_name = "Record"

    def ready(self) -> None:
        from portal.record.grants import apply_grants

        post_migrate.connect(apply_grants, sender=self)

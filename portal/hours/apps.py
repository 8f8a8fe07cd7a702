from __future__ import annotations

from django.apps import AppConfig


class HoursConfig(AppConfig):
    name = "portal.hours"
    label = "hours"
    verbose_name = "Working hours"

    def ready(self) -> None:
        from portal.hours import kept
        from portal.record import cross_checks

        cross_checks.register("hours", kept.disagreements)

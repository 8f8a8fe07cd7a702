from __future__ import annotations

from django.apps import AppConfig


class WatchConfig(AppConfig):
    name = "portal.watch"
    label = "watch"
    verbose_name = "Watch"

    def ready(self) -> None:
        from portal.notices import kinds
        from portal.watch import figures, telling

        kinds.register(telling.GROUP)
        for figure in figures.OWN:
            figures.register(figure)

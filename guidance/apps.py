from __future__ import annotations

from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "guidance"
    verbose_name = "Guidance"

    def ready(self) -> None:
        from guidance.receipts import Receipts
        from portal.receipts import kinds

        kinds.register("guidance", Receipts())

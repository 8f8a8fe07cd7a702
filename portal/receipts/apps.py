from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register


class ReceiptsConfig(AppConfig):
    name = "portal.receipts"

    def ready(self) -> None:
        from portal.receipts import printing
        from portal.receipts.paper import copies
        from portal.receipts.paper.checking import check_certificate

        register(check_certificate)
        copies.register(printing.KIND, printing.build)

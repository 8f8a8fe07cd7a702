from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register


class ReceiptsConfig(AppConfig):
    name = "portal.receipts"

    def ready(self) -> None:
        from portal.notices.kinds import Group
        from portal.notices.kinds import register as register_notices
        from portal.receipts import printing
        from portal.receipts.paper import copies
        from portal.receipts.paper.checking import check_certificate

        register(check_certificate)
        copies.register(printing.KIND, printing.build)
        about = "A receipt is ready that no other notice tells you of."
        register_notices(Group(code="receipts", name="Receipts", about=about, starts=("receipt.",), order=6))

from __future__ import annotations

from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "guidance"
    verbose_name = "Guidance"

    def ready(self) -> None:
        from guidance.erasable import Questions
        from guidance.receipts import Receipts
        from portal.erasure import kinds as erasable
        from portal.notices.kinds import Group
        from portal.notices.kinds import register as register_notices
        from portal.receipts import kinds

        kinds.register("guidance", Receipts())
        erasable.register(Questions())
        about = "A new version to acknowledge, and answers to questions."
        register_notices(Group(code="guidance", name="Guidance", about=about, starts=("guidance.",), order=4))

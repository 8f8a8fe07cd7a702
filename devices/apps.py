from __future__ import annotations

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "devices"
    verbose_name = "Handsets"

    def ready(self) -> None:
        from devices.erasable import Notes
        from devices.leavers import held_handsets
        from devices.phones import phones_of
        from devices.receipts import Receipts
        from portal.erasure import kinds as erasable
        from portal.notices.kinds import Group
        from portal.notices.kinds import register as register_notices
        from portal.people import leaving, marks
        from portal.receipts import kinds

        leaving.register(held_handsets)
        marks.register("devices", phones_of)
        kinds.register("devices", Receipts())
        erasable.register(Notes())
        about = "You are allotted a handset, one is lost or found, a return arrives."
        register_notices(Group(code="handsets", name="Handsets", about=about, starts=("handset.", "discrepancy."), order=5))

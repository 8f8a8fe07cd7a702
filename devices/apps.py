from __future__ import annotations

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "devices"
    verbose_name = "Handsets"

    def ready(self) -> None:
        from devices.leavers import held_handsets
        from devices.receipts import Receipts
        from portal.people import leaving
        from portal.receipts import kinds

        leaving.register(held_handsets)
        kinds.register("devices", Receipts())

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register


class WitnessConfig(AppConfig):
    name = "portal.witness"
    label = "witness"
    verbose_name = "Witnesses"

    def ready(self) -> None:
        from portal.witness.checking import check_authority, check_policy

        register(check_policy)
        register(check_authority)

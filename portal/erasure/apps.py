from __future__ import annotations

from django.apps import AppConfig


class ErasureConfig(AppConfig):
    name = "portal.erasure"
    label = "erasure"
    verbose_name = "Erasure"

    def ready(self) -> None:
        from portal.erasure.agreeing import disagreements
        from portal.record import cross_checks

        cross_checks.register("erasures of sealed words", disagreements)

from __future__ import annotations

from django.apps import AppConfig


class ErasureConfig(AppConfig):
    name = "portal.erasure"
    label = "erasure"
    verbose_name = "Erasure"

from __future__ import annotations

from django.apps import AppConfig


class LocalConfig(AppConfig):
    name = "portal.local"
    label = "local"
    verbose_name = "Local servers"

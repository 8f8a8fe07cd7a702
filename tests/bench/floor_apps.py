"""The floor's one room: who people are, without what the portal does when they leave."""

from __future__ import annotations

from django.apps import AppConfig


class BarePeople(AppConfig):
    name = "portal.people"
    label = "people"

"""`manage.py reckon_figures`: count the figures of duties anew, of every report as the tables have it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.ui import words
from reporting.counting.reckoning import reckon_all


class Command(BaseCommand):
    help = "Forget the figures of duties and count them anew. Pages show the old ones until it ends; running it again does no harm."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"The figures of {words.count(reckon_all(), 'report')} were counted anew.")

"""Where somebody is at risk the reporter hears within 24 hours, not 7 days. A row that an administrator changed stays as it is."""

from __future__ import annotations

from typing import Any

from django.db import migrations

SHIPPED, NOW = 7 * 24, 24  # hours within which the reporter hears


def _change(apps: Any, before: int, after: int) -> None:
    apps.get_model("reporting", "PromiseTerms").objects.filter(
        urgent=True, hours_to_hear=before, days_to_dispute=28, counting="elapsed"
    ).update(hours_to_hear=after)


def forwards(apps: Any, _schema_editor: Any) -> None:
    _change(apps, SHIPPED, NOW)


def backwards(apps: Any, _schema_editor: Any) -> None:
    _change(apps, NOW, SHIPPED)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0020_what_an_open_duty_is")]

    operations = [migrations.RunPython(forwards, backwards)]

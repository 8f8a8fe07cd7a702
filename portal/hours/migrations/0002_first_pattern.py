"""The pattern to begin with. It is a sample: an administrator changes it, and deadlines that run by it stay where they are."""

from datetime import time
from typing import Any

from django.db import migrations

MONDAY_TO_FRIDAY = range(5)


def add_pattern(apps: Any, schema_editor: Any) -> None:
    pattern = apps.get_model("hours", "Pattern").objects.create(name="Office hours", is_default=True)
    shift_of = apps.get_model("hours", "Shift")
    for weekday in MONDAY_TO_FRIDAY:
        shift_of.objects.create(pattern=pattern, weekday=weekday, starts=time(8), ends=time(18))


class Migration(migrations.Migration):
    dependencies = [("hours", "0001_calendars")]

    operations = [migrations.RunPython(add_pattern, migrations.RunPython.noop)]

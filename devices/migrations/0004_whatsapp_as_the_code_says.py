"""The shipped rule on WhatsApp says what the sample Code of Conduct says: a chief inspector or above permits it, in writing.

The row is changed only where it still has the text it was shipped with; what an administrator wrote stays.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

PLATFORM = "com.whatsapp"
SHIPPED = "Only with your inspector’s permission and for a policing purpose. It may be monitored, and what is said in it can be disclosed."
NOW = (
    "Only with the written permission of a chief inspector or above, and for a policing purpose. "
    "It may be monitored, and what is said in it can be disclosed."
)


def _change(apps: Any, before: str, after: str) -> None:
    apps.get_model("devices", "AppRule").objects.filter(platform_id=PLATFORM, reason=before).update(reason=after)


def forwards(apps: Any, _schema_editor: Any) -> None:
    _change(apps, SHIPPED, NOW)


def backwards(apps: Any, _schema_editor: Any) -> None:
    _change(apps, NOW, SHIPPED)


class Migration(migrations.Migration):
    dependencies = [("devices", "0003_first_rules_and_terms")]

    operations = [migrations.RunPython(forwards, backwards)]

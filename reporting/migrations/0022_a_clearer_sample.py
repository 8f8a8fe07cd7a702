"""One line of the sample checklists said "told nobody to delete", which can be read two ways. A line that a force has rewritten stays."""

from typing import Any

from django.db import migrations

BEFORE = "I have told nobody to delete anything"
AFTER = "I have not asked anybody to delete a message"


def reword(apps: Any, schema_editor: Any) -> None:
    _replace(apps, BEFORE, AFTER)


def word_as_before(apps: Any, schema_editor: Any) -> None:
    _replace(apps, AFTER, BEFORE)


def _replace(apps: Any, old: str, new: str) -> None:
    apps.get_model("reporting", "ChecklistItem").objects.filter(key="nothing-deleted", is_sample=True, text=old).update(text=new)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0021_hear_within_a_day_at_risk")]

    operations = [migrations.RunPython(reword, word_as_before)]

"""A short checklist for each outcome to begin with. They are samples: an administrator replaces them."""

from typing import Any

from django.db import migrations

EVERY = ["local", "standards", "corruption", "safeguarding", "no_action"]
ITEMS = [
    ("whole-report", EVERY, "I have read the whole report and looked at its files"),
    ("nothing-deleted", EVERY, "I have told nobody to delete anything"),
    ("anybody-at-risk", ["local", "standards", "corruption", "no_action"], "I have asked whether anybody is at risk now"),
    ("reporter-asked", ["local", "no_action"], "I have asked the reporter what I did not understand"),
    ("severity", ["local", "no_action"], "I have asked myself whether professional standards must assess how serious this is"),
    ("nobody-warned", ["standards", "corruption"], "I have warned nobody who is named in the report"),
    ("who-was-told", ["corruption", "safeguarding"], "I have written down whom I told, and when"),
]


def add_items(apps: Any, schema_editor: Any) -> None:
    item_of = apps.get_model("reporting", "ChecklistItem")
    for order, (key, outcomes, text) in enumerate(ITEMS, start=1):
        item_of.objects.create(key=key, outcomes=outcomes, text=text, order=order * 10, is_sample=True)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0010_names_opened")]

    operations = [migrations.RunPython(add_items, migrations.RunPython.noop)]

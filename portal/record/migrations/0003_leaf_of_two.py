"""Leaves of version 2 say the row's `id` too, so that no column of a fact is outside what its hash binds."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

BEFORE = import_module("portal.record.migrations.0002_append_only").COMPLETE
FUNCTION = BEFORE[: BEFORE.index("CREATE TRIGGER")].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
AFTER = FUNCTION.replace("',\"kind\":', to_json(NEW.kind)", "',\"id\":', NEW.id, ',\"kind\":', to_json(NEW.kind)").replace(',"v":1}', ',"v":2}')


class Migration(migrations.Migration):
    dependencies = [("record", "0002_append_only")]

    operations = [migrations.RunSQL(AFTER, FUNCTION)]

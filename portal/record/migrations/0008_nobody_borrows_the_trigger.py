"""Only `record_fact` runs the function that completes a fact, and no fact reads in two ways.

- PostgreSQL lets everybody execute a new function, so the application's role could put this one, which runs as the owner, on a temporary
  table of its own. There it moved chains on without a fact; and with columns of a type that the role had made, PostgreSQL ran the role's
  own casts as the owner, who can take every guard away.
- Facts with a member "kind" and a "prev" after it are what `agreeing.COLUMNS` cannot tell from a leaf's own members: one such fact, which
  the role could add and nobody delete, would have failed every check and export for good.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

BEFORE = import_module("portal.record.migrations.0007_a_cheaper_trigger").AFTER
LINES = r"""strpos(NEW.facts, E'\t') > 0
    THEN"""
ONE_READING = r"""strpos(NEW.facts, E'\t') > 0
        OR NEW.facts LIKE '%,"kind":"%","prev":"%'
    THEN"""
AFTER = BEFORE.replace(LINES, ONE_READING)


class Migration(migrations.Migration):
    dependencies = [("record", "0007_a_cheaper_trigger")]

    operations = [
        migrations.RunSQL(AFTER, BEFORE),
        migrations.RunSQL(
            "REVOKE EXECUTE ON FUNCTION record_fact_complete() FROM PUBLIC", "GRANT EXECUTE ON FUNCTION record_fact_complete() TO PUBLIC"
        ),
    ]

"""Nobody looks for chains by how their subject begins, and the index for it, which Django adds to a text key, is written with every chain."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("record", "0010_leaves_are_not_stored")]

    operations = [
        migrations.RunSQL(
            "DROP INDEX IF EXISTS record_chain_subject_06601b45_like;",
            "CREATE INDEX IF NOT EXISTS record_chain_subject_06601b45_like ON record_chain USING btree (subject text_pattern_ops);",
        )
    ]

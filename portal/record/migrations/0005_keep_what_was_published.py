"""What was signed, cosigned or stamped stays as it was, like the facts."""

from __future__ import annotations

from django.db import migrations

TABLES = ("record_checkpoint", "record_cosignature", "record_stamp")
KEEP = "".join(
    f"""
CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION record_keep();
CREATE TRIGGER {table}_keep_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION record_keep();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keep;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keep_all;
"""
    for table in TABLES
)
UNDO = "".join(f"DROP TRIGGER {table}_keep ON {table}; DROP TRIGGER {table}_keep_all ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("record", "0004_checkpoints")]

    operations = [migrations.RunSQL(KEEP, UNDO)]

"""A fact's leaf is hashed and no longer stored: its row says all that the leaf says, so it was written twice.

Writing it cost half as much as every question that the trigger asks together (decision 1). What the columns lacked is added: `prev`, the hash that the leaf
links to, and `leaf_version`, since leaves of version 1 say no id. A record whose columns do not give its leaves is left as it is: that is
evidence, and `verify_record` of the version before names the fact.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations, models

BEFORE = import_module("portal.record.migrations.0009_fewer_questions_of_a_fact").AFTER
NOTHING = "'0000000000000000000000000000000000000000000000000000000000000000'"
STORED = r"        NEW.leaf_hash := sha256('\x00'::bytea || convert_to(NEW.leaf, 'UTF8'));" + "\n"
LINK = f"        NEW.prev := coalesce(last_head, decode({NOTHING}, 'hex'));\n"
AFTER = (
    BEFORE.replace(STORED, "")
    .replace("        NEW.leaf := concat(\n", LINK + "        NEW.leaf_hash := sha256('\\x00'::bytea || convert_to(concat(\n")
    .replace(f"coalesce(encode(last_head, 'hex'), {NOTHING})", "encode(NEW.prev, 'hex')")
    .replace("""'","v":2}');\n""", """'","v":2}'), 'UTF8'));\n""")
)

LEAF = """'{"actor":' || to_json(actor)::text || ',"at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    || '","facts":' || facts || CASE WHEN leaf_version = 1 THEN '' ELSE ',"id":' || id::text END || ',"kind":' || to_json(kind)::text
    || ',"prev":"' || encode(prev, 'hex') || '","sealed":' || sealed || ',"seq":' || subject_seq::text
    || ',"subject":' || to_json(subject)::text || ',"v":' || leaf_version::text || '}'"""
FILL = f"""
ALTER TABLE record_fact DISABLE TRIGGER record_fact_keep;
UPDATE record_fact AS fact SET leaf_version = CASE WHEN right(fact.leaf, 7) = ',"v":1}}' THEN 1 ELSE 2 END,
    prev = coalesce((SELECT before.leaf_hash FROM record_fact AS before
        WHERE before.subject = fact.subject AND before.subject_seq = fact.subject_seq - 1), fact.prev);
DO $$
DECLARE
    bad bigint;
BEGIN
    SELECT min(id) INTO bad FROM record_fact WHERE leaf IS DISTINCT FROM {LEAF};
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'the columns of fact % do not say what its leaf says: go back to the version before, and run manage.py verify_record', bad;
    END IF;
END $$;
ALTER TABLE record_fact ENABLE ALWAYS TRIGGER record_fact_keep;
"""  # noqa: S608 - constants
REFILL = f"""
ALTER TABLE record_fact DISABLE TRIGGER record_fact_keep;
UPDATE record_fact SET leaf = {LEAF};
ALTER TABLE record_fact ENABLE ALWAYS TRIGGER record_fact_keep;
"""  # noqa: S608 - constants


class Migration(migrations.Migration):
    dependencies = [("record", "0009_fewer_questions_of_a_fact")]

    operations = [
        migrations.AddField("fact", "prev", models.BinaryField(default=bytes(32), max_length=32), preserve_default=False),
        migrations.AddField("fact", "leaf_version", models.SmallIntegerField(default=2, db_default=2)),
        migrations.RunSQL(FILL, BEFORE + REFILL),
        migrations.RunSQL(
            "ALTER TABLE record_fact DROP COLUMN leaf;",
            "ALTER TABLE record_fact ADD COLUMN leaf text NOT NULL DEFAULT ''; ALTER TABLE record_fact ALTER leaf DROP DEFAULT;",
            state_operations=[migrations.RemoveField("fact", "leaf")],
        ),
        migrations.RunSQL(AFTER, migrations.RunSQL.noop),
    ]

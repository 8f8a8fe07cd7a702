"""The same facts for less: what appending costs beside a plain audit table was mostly regular expressions and a lock too many.

- The chain's row is not locked before it is read: it moves on only from the number that was read, and whoever loses that race reads again.
- It keeps the time of its last link, which the trigger looked up in the facts.
- Shapes are checked here with plain string functions. PostgreSQL builds the automaton of a regular expression anew at every match (a
  repetition of 64 builds 64 states), and reads the text of every CHECK anew for every statement. A subject is checked when its chain begins.
- The index of places holds the facts that have one.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations, models

BEFORE = import_module("portal.record.migrations.0006_leaves_as_they_are_read").AFTER

AFTER = r"""
CREATE OR REPLACE FUNCTION record_fact_complete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before public.record_chain;
    member text;
BEGIN
    IF jsonb_typeof(NEW.facts::jsonb) <> 'object' OR left(NEW.facts, 1) <> '{' OR octet_length(NEW.facts) > 1048576
        OR strpos(NEW.facts, E'\n') > 0 OR strpos(NEW.facts, E'\r') > 0 OR strpos(NEW.facts, E'\t') > 0
    THEN
        RAISE EXCEPTION 'facts are one line of canonical JSON, of at most 1 MiB' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.sealed <> '{}' THEN
        IF jsonb_typeof(NEW.sealed::jsonb) <> 'object' OR left(NEW.sealed, 2) <> '{"' OR right(NEW.sealed, 2) <> '"}'
            OR octet_length(NEW.sealed) > 1048576
        THEN
            RAISE EXCEPTION 'sealed holds names with an hmac-sha256 each, without spaces' USING ERRCODE = 'check_violation';
        END IF;
        FOREACH member IN ARRAY string_to_array(substr(NEW.sealed, 2, length(NEW.sealed) - 2), ',') LOOP
            -- "<name>":"hmac-sha256:<64 digits>": all but the name is 81 characters
            IF length(member) < 82 OR octet_length(member) <> length(member) OR left(member, 1) <> '"' OR right(member, 1) <> '"'
                OR left(right(member, 80), 15) <> '":"hmac-sha256:'
                OR encode(decode(left(right(member, 65), 64), 'hex'), 'hex') <> left(right(member, 65), 64)
                OR strpos(substr(member, 2, length(member) - 81), '"') > 0 OR strpos(member, '\') > 0 OR strpos(member, chr(127)) > 0
            THEN
                RAISE EXCEPTION 'sealed holds names with an hmac-sha256 each, without spaces' USING ERRCODE = 'check_violation';
            END IF;
        END LOOP;
    END IF;
    IF translate(NEW.kind, 'abcdefghijklmnopqrstuvwxyz_', '') NOT IN ('.', '..', '...')
        OR NEW.kind LIKE '.%' OR NEW.kind LIKE '%.' OR NEW.kind LIKE '%..%'
    THEN
        RAISE EXCEPTION 'a kind is two to four words of small letters with dots between' USING ERRCODE = 'check_violation';
    END IF;
    IF (CASE
        WHEN left(NEW.actor, 7) = 'person:' THEN substr(NEW.actor, 8)::uuid::text <> substr(NEW.actor, 8)
        WHEN left(NEW.actor, 8) = 'process:' THEN
            translate(NEW.actor, 'abcdefghijklmnopqrstuvwxyz_.-0123456789', '') <> ':' OR length(NEW.actor) < 9
        ELSE true
    END) THEN
        RAISE EXCEPTION 'an actor is a person with their UUID, or a process with its name' USING ERRCODE = 'check_violation';
    END IF;
    LOOP
        SELECT * INTO before FROM public.record_chain WHERE subject = NEW.subject;
        NEW.id := nextval('public.record_fact_id_seq');  -- after the last link was read, so that ids rise along each chain
        NEW.subject_seq := coalesce(before.seq, 0) + 1;
        NEW.at := greatest(clock_timestamp(), before.at);
        NEW.leaf_index := NULL;
        NEW.leaf := concat(
            '{"actor":', to_json(NEW.actor),
            ',"at":"', to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            '","facts":', NEW.facts,
            ',"id":', NEW.id,
            ',"kind":', to_json(NEW.kind),
            ',"prev":"', coalesce(encode(before.head, 'hex'), '0000000000000000000000000000000000000000000000000000000000000000'),
            '","sealed":', NEW.sealed,
            ',"seq":', NEW.subject_seq,
            ',"subject":', to_json(NEW.subject),
            ',"v":2}');
        NEW.leaf_hash := sha256('\x00'::bytea || convert_to(NEW.leaf, 'UTF8'));
        IF before.seq IS NOT NULL THEN
            UPDATE public.record_chain SET seq = NEW.subject_seq, head = NEW.leaf_hash, at = NEW.at
            WHERE subject = NEW.subject AND seq = before.seq;
        ELSIF NEW.subject ~ '^[a-z_]+:[A-Za-z0-9._-]+$' THEN
            INSERT INTO public.record_chain (subject, seq, head, at) VALUES (NEW.subject, 1, NEW.leaf_hash, NEW.at) ON CONFLICT DO NOTHING;
        ELSE
            RAISE EXCEPTION 'a subject is a word and a key with a colon between' USING ERRCODE = 'check_violation';
        END IF;
        IF FOUND THEN
            RETURN NEW;
        END IF;  -- somebody else moved this chain on meanwhile: follow them
    END LOOP;
END $$;
"""

SHAPES = r"""
ALTER TABLE record_fact
    ADD CONSTRAINT fact_kind_shape CHECK (kind ~ '^[a-z_]+(\.[a-z_]+)+$'),
    ADD CONSTRAINT fact_subject_shape CHECK (subject ~ '^[a-z_]+:[A-Za-z0-9._-]+$'),
    ADD CONSTRAINT fact_actor_shape CHECK (actor ~ '^(person|process):[A-Za-z0-9._-]+$');
"""
NO_SHAPES = "ALTER TABLE record_fact DROP CONSTRAINT fact_kind_shape, DROP CONSTRAINT fact_subject_shape, DROP CONSTRAINT fact_actor_shape;"
TIMES = """
UPDATE record_chain SET at = fact.at FROM record_fact AS fact WHERE fact.subject = record_chain.subject AND fact.subject_seq = record_chain.seq;
ALTER TABLE record_chain ALTER at SET NOT NULL;
ALTER TABLE record_chain SET (fillfactor = 60);
"""


class Migration(migrations.Migration):
    dependencies = [("record", "0006_leaves_as_they_are_read")]

    operations = [
        migrations.AddField("chain", "at", models.DateTimeField(null=True)),
        migrations.RunSQL(TIMES, "ALTER TABLE record_chain ALTER at DROP NOT NULL"),
        migrations.RunSQL(migrations.RunSQL.noop, BEFORE),
        migrations.RunSQL(AFTER + NO_SHAPES, SHAPES),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AlterField("chain", "at", models.DateTimeField())],
        ),
        migrations.RemoveConstraint("fact", "fact_leaf_index"),
        migrations.AddConstraint(
            "fact", models.UniqueConstraint(fields=["leaf_index"], condition=models.Q(leaf_index__isnull=False), name="fact_leaf_index")
        ),
    ]

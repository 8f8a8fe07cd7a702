"""The same checks of a fact, asked with fewer calls.

A trigger's expressions are made ready anew in every transaction, function by function, so what a fact costs that is alone in its transaction is
mostly the number of functions that are named here (decision 1). Shapes are asked in one expression, the chain's end is read into scalars, and
what was checked to hold neither quotes nor backslashes is put into the leaf as it stands.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

BEFORE = import_module("portal.record.migrations.0008_nobody_borrows_the_trigger").AFTER

AFTER = r"""
CREATE OR REPLACE FUNCTION record_fact_complete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last_seq bigint;
    last_head bytea;
    last_at timestamptz;
    member text;
BEGIN
    IF NEW.facts NOT LIKE '{%}' OR NEW.facts::jsonb IS NULL OR octet_length(NEW.facts) > 1048576
        OR strpos(NEW.facts, E'\n') > 0 OR strpos(NEW.facts, E'\r') > 0 OR strpos(NEW.facts, E'\t') > 0
        OR NEW.facts LIKE '%,"kind":"%","prev":"%'
        OR translate(NEW.kind, 'abcdefghijklmnopqrstuvwxyz_', '') NOT IN ('.', '..', '...')
        OR NEW.kind LIKE '.%' OR NEW.kind LIKE '%.' OR NEW.kind LIKE '%..%'
        OR (CASE
            WHEN NEW.actor LIKE 'person:%' THEN 'person:' || substr(NEW.actor, 8)::uuid <> NEW.actor
            ELSE NEW.actor NOT LIKE 'process:_%' OR translate(NEW.actor, 'abcdefghijklmnopqrstuvwxyz_.-0123456789', '') <> ':'
        END)
        OR NEW.leaf_index IS NOT NULL
    THEN
        RAISE EXCEPTION 'a kind is two to four words of small letters with dots between, an actor is a person with their UUID or a process '
            'with its name, facts are one line of canonical JSON of at most 1 MiB that reads as no leaf, and the sequencer alone gives places'
            USING ERRCODE = 'check_violation', DETAIL = format('kind %s, actor %s', NEW.kind, NEW.actor);
    END IF;
    IF NEW.sealed <> '{}' THEN
        IF NEW.sealed NOT LIKE '{"%"}' OR NEW.sealed::jsonb IS NULL OR octet_length(NEW.sealed) > 1048576
            OR octet_length(NEW.sealed) <> length(NEW.sealed) OR strpos(NEW.sealed, '\') > 0 OR strpos(NEW.sealed, E'\x7f') > 0
        THEN
            RAISE EXCEPTION 'sealed holds names with an hmac-sha256 each, without spaces' USING ERRCODE = 'check_violation';
        END IF;
        FOREACH member IN ARRAY string_to_array(substr(NEW.sealed, 2, length(NEW.sealed) - 2), ',') LOOP
            -- "<name>":"hmac-sha256:<64 digits>", with these four quotes alone
            IF member NOT LIKE '"_%":"hmac-sha256:@DIGEST@"' OR translate(right(member, 65), '0123456789abcdef', '') <> '"'
                OR member LIKE '"%"%"%"%"%'
            THEN
                RAISE EXCEPTION 'sealed holds names with an hmac-sha256 each, without spaces' USING ERRCODE = 'check_violation';
            END IF;
        END LOOP;
    END IF;
    LOOP
        SELECT seq, head, at INTO last_seq, last_head, last_at FROM public.record_chain WHERE subject = NEW.subject;
        NEW.id := nextval('public.record_fact_id_seq');  -- after the last link was read, so that ids rise along each chain
        NEW.subject_seq := coalesce(last_seq, 0) + 1;
        NEW.at := greatest(clock_timestamp(), last_at);
        NEW.leaf := concat(
            '{"actor":"', NEW.actor,
            '","at":"', to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            '","facts":', NEW.facts,
            ',"id":', NEW.id,
            ',"kind":"', NEW.kind,
            '","prev":"', coalesce(encode(last_head, 'hex'), '0000000000000000000000000000000000000000000000000000000000000000'),
            '","sealed":', NEW.sealed,
            ',"seq":', NEW.subject_seq,
            ',"subject":"', NEW.subject,
            '","v":2}');
        NEW.leaf_hash := sha256('\x00'::bytea || convert_to(NEW.leaf, 'UTF8'));
        IF last_seq IS NOT NULL THEN
            UPDATE public.record_chain SET seq = NEW.subject_seq, head = NEW.leaf_hash, at = NEW.at
            WHERE subject = NEW.subject AND seq = last_seq;
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
""".replace("@DIGEST@", 64 * "_")


class Migration(migrations.Migration):
    dependencies = [("record", "0008_nobody_borrows_the_trigger")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]

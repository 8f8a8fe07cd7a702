"""Make the record append-only in PostgreSQL itself.

The control is the grants (see portal/record/grants.py): the application may insert five columns and nothing more. These triggers are
the safety net for every other role, and they fire whatever `session_replication_role` says (ENABLE ALWAYS).
"""

from __future__ import annotations

from django.db import migrations

COMPLETE = r"""
CREATE FUNCTION record_fact_complete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before public.record_chain;
    started boolean;
BEGIN
    IF jsonb_typeof(NEW.facts::jsonb) <> 'object' OR jsonb_typeof(NEW.sealed::jsonb) <> 'object' THEN
        RAISE EXCEPTION 'facts and sealed are JSON objects' USING ERRCODE = 'check_violation';
    END IF;
    LOOP
        SELECT * INTO before FROM public.record_chain WHERE subject = NEW.subject FOR UPDATE;
        started := FOUND;
        NEW.id := nextval('public.record_fact_id_seq');  -- after the lock, so that ids rise along each chain
        NEW.subject_seq := CASE WHEN started THEN before.seq + 1 ELSE 1 END;
        NEW.at := clock_timestamp();
        NEW.leaf_index := NULL;
        NEW.leaf := concat(
            '{"actor":', to_json(NEW.actor),
            ',"at":"', to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            '","facts":', NEW.facts,
            ',"kind":', to_json(NEW.kind),
            ',"prev":"', CASE WHEN started THEN encode(before.head, 'hex') ELSE repeat('0', 64) END,
            '","sealed":', NEW.sealed,
            ',"seq":', NEW.subject_seq,
            ',"subject":', to_json(NEW.subject),
            ',"v":1}');
        NEW.leaf_hash := sha256('\x00'::bytea || convert_to(NEW.leaf, 'UTF8'));
        IF started THEN
            UPDATE public.record_chain SET seq = NEW.subject_seq, head = NEW.leaf_hash WHERE subject = NEW.subject;
            RETURN NEW;
        END IF;
        INSERT INTO public.record_chain (subject, seq, head) VALUES (NEW.subject, 1, NEW.leaf_hash) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            RETURN NEW;
        END IF;  -- somebody began this chain meanwhile: wait for them and follow
    END LOOP;
END $$;
CREATE TRIGGER record_fact_complete BEFORE INSERT ON record_fact FOR EACH ROW EXECUTE FUNCTION record_fact_complete();
ALTER TABLE record_fact ENABLE ALWAYS TRIGGER record_fact_complete;
"""

KEEP = r"""
CREATE FUNCTION record_fact_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.leaf_index IS NULL AND NEW.leaf_index IS NOT NULL THEN
        OLD.leaf_index := NEW.leaf_index;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the record keeps every fact as it was: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION record_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the record keeps every row as it was: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER record_fact_keep BEFORE UPDATE OR DELETE ON record_fact FOR EACH ROW EXECUTE FUNCTION record_fact_keep();
CREATE TRIGGER record_fact_keep_all BEFORE TRUNCATE ON record_fact FOR EACH STATEMENT EXECUTE FUNCTION record_keep();
CREATE TRIGGER record_treehead_keep BEFORE UPDATE OR DELETE ON record_treehead FOR EACH ROW EXECUTE FUNCTION record_keep();
CREATE TRIGGER record_treehead_keep_all BEFORE TRUNCATE ON record_treehead FOR EACH STATEMENT EXECUTE FUNCTION record_keep();
ALTER TABLE record_fact ENABLE ALWAYS TRIGGER record_fact_keep;
ALTER TABLE record_fact ENABLE ALWAYS TRIGGER record_fact_keep_all;
ALTER TABLE record_treehead ENABLE ALWAYS TRIGGER record_treehead_keep;
ALTER TABLE record_treehead ENABLE ALWAYS TRIGGER record_treehead_keep_all;
"""

SHAPES = r"""
ALTER TABLE record_fact
    ADD CONSTRAINT fact_kind_shape CHECK (kind ~ '^[a-z_]+(\.[a-z_]+)+$'),
    ADD CONSTRAINT fact_subject_shape CHECK (subject ~ '^[a-z_]+:[A-Za-z0-9._-]+$'),
    ADD CONSTRAINT fact_actor_shape CHECK (actor ~ '^(person|process):[A-Za-z0-9._-]+$');
"""

UNDO = """
ALTER TABLE record_fact DROP CONSTRAINT fact_kind_shape, DROP CONSTRAINT fact_subject_shape, DROP CONSTRAINT fact_actor_shape;
DROP FUNCTION record_fact_complete() CASCADE;
DROP FUNCTION record_fact_keep() CASCADE;
DROP FUNCTION record_keep() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]

    operations = [migrations.RunSQL(COMPLETE + KEEP + SHAPES, UNDO)]


CREATE OR REPLACE FUNCTION record_fact_complete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before public.record_chain;
    member text;
BEGIN
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

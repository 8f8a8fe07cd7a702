"""PostgreSQL keeps what was published and who acknowledged it: no role may change or delete either, whatever its session says."""

from __future__ import annotations

from django.db import migrations

KEEP = r"""
CREATE FUNCTION guidance_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'published guidance and its acknowledgements stay as they are: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER guidance_version_keep BEFORE UPDATE OR DELETE ON guidance_version
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION guidance_keep();
CREATE TRIGGER guidance_version_keep_all BEFORE TRUNCATE ON guidance_version FOR EACH STATEMENT EXECUTE FUNCTION guidance_keep();
CREATE TRIGGER guidance_acknowledgement_keep BEFORE UPDATE OR DELETE ON guidance_acknowledgement
    FOR EACH ROW EXECUTE FUNCTION guidance_keep();
CREATE TRIGGER guidance_acknowledgement_keep_all BEFORE TRUNCATE ON guidance_acknowledgement
    FOR EACH STATEMENT EXECUTE FUNCTION guidance_keep();
ALTER TABLE guidance_version ENABLE ALWAYS TRIGGER guidance_version_keep;
ALTER TABLE guidance_version ENABLE ALWAYS TRIGGER guidance_version_keep_all;
ALTER TABLE guidance_acknowledgement ENABLE ALWAYS TRIGGER guidance_acknowledgement_keep;
ALTER TABLE guidance_acknowledgement ENABLE ALWAYS TRIGGER guidance_acknowledgement_keep_all;
"""


class Migration(migrations.Migration):
    dependencies = [("guidance", "0001_initial")]

    operations = [migrations.RunSQL(KEEP, "DROP FUNCTION guidance_keep() CASCADE")]

"""PostgreSQL refuses an IMEI whose check digit is wrong, and a handset's move from one state to another that `devices.models.MOVES` lacks."""

from __future__ import annotations

from django.db import migrations

# Luhn: every second digit is doubled, and the digits of the doubles are added up. `translate` doubles and adds in one step.
PLAIN = " + ".join(f"substr(imei, {place}, 1)::int" for place in range(1, 16, 2))
DOUBLED = " + ".join(f"translate(substr(imei, {place}, 1), '0123456789', '0246813579')::int" for place in range(2, 15, 2))
IMEI = f"""
ALTER TABLE devices_handset ADD CONSTRAINT handset_imei_valid
    CHECK (CASE WHEN imei ~ '^[0-9]{{15}}$' THEN ({PLAIN} + {DOUBLED}) % 10 = 0 ELSE false END);
"""

MOVES = """
CREATE FUNCTION devices_handset_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state = ANY (CASE OLD.state
        WHEN 'in_stock' THEN '{allotted,claimed,lost,stolen,retired}'::text[]
        WHEN 'allotted' THEN '{in_stock,claimed,lost,stolen,retired}'
        WHEN 'claimed' THEN '{returning,returned,lost,stolen}'
        WHEN 'returning' THEN '{claimed,returned,lost,stolen}'
        WHEN 'returned' THEN '{sanitised,lost,stolen,retired}'
        WHEN 'sanitised' THEN '{in_stock,lost,stolen,retired}'
        WHEN 'lost' THEN '{claimed,returned,stolen,retired}'
        WHEN 'stolen' THEN '{claimed,returned,lost,retired}'
        ELSE '{}' END) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a handset cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER devices_handset_moves BEFORE UPDATE ON devices_handset
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION devices_handset_moves();
"""

UNDO = """
DROP FUNCTION devices_handset_moves() CASCADE;
ALTER TABLE devices_handset DROP CONSTRAINT handset_imei_valid;
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_handsets")]

    operations = [migrations.RunSQL(IMEI + MOVES, UNDO)]

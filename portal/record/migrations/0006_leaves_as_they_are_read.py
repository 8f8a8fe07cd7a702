"""A fact is refused if what it says could not be read back, and none is older than the one before it about the same subject.

The application's role gives the text of `facts` and `sealed`. A line break between members is JSON too, but mirrors and exports hold one
leaf a line, and one such fact would spoil every export for good. So would a clock that was set back: `at` never falls along a chain.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

BEFORE = import_module("portal.record.migrations.0003_leaf_of_two").AFTER
OBJECTS = """    LOOP
        SELECT * INTO before"""
READABLE = r"""    IF NEW.facts !~ '^\{' OR NEW.facts ~ '[\x01-\x1f]' OR octet_length(NEW.facts) > 1048576 THEN
        RAISE EXCEPTION 'facts are one line of canonical JSON, of at most 1 MiB' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.sealed <> '{}' AND (octet_length(NEW.sealed) > 1048576
            OR NEW.sealed !~ '^\{"[ -!#-\[\]-~]+":"hmac-sha256:[0-9a-f]{64}"(,"[ -!#-\[\]-~]+":"hmac-sha256:[0-9a-f]{64}")*\}$') THEN
        RAISE EXCEPTION 'sealed holds names with an hmac-sha256 each, without spaces' USING ERRCODE = 'check_violation';
    END IF;
"""
NOW = "NEW.at := clock_timestamp();"
NEVER_FALLS = """NEW.at := greatest(clock_timestamp(), (
            SELECT fact.at FROM public.record_fact AS fact WHERE fact.subject = NEW.subject AND fact.subject_seq = before.seq));"""
AFTER = BEFORE.replace(OBJECTS, READABLE + OBJECTS).replace(NOW, NEVER_FALLS)


class Migration(migrations.Migration):
    dependencies = [("record", "0005_keep_what_was_published")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]

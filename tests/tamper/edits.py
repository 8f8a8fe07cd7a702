"""The single values that are changed, as SQL: for each column of a fact, and for the rows of the other tables."""

from __future__ import annotations

from portal.record.leaves import LEAF

# Single values of a fact: an SQL expression for each way to change the column.
EDITS: dict[str, dict[str, str]] = {
    "id": {"moved": "id + 1000000", "negative": "-id"},
    "kind": {
        "another": "CASE kind WHEN 'report.sent' THEN 'report.added' ELSE 'report.sent' END",
        "spaced": "kind || ' '",
        "upper": "upper(kind)",
        "zero width": "kind || U&'\\200B'",
        "empty": "''",
        "null": "NULL",
        "homoglyph": "translate(kind, 'aeo', U&'\\0430\\0435\\043E')",
    },
    "subject": {
        "another": "'report:nobody'",
        "neighbour": "(SELECT max(subject) FROM record_fact AS f WHERE f.subject <> record_fact.subject)",
        "spaced": "' ' || subject",
        "upper": "upper(subject)",
        "empty": "''",
        "null": "NULL",
        "newline": "subject || E'\\n'",
    },
    "actor": {
        "another": "'person:999'",
        "process": "'process:' || split_part(actor, ':', 2)",
        "spaced": "actor || ' '",
        "empty": "''",
        "null": "NULL",
        "fullwidth": "translate(actor, '0123456789', U&'\\FF10\\FF11\\FF12\\FF13\\FF14\\FF15\\FF16\\FF17\\FF18\\FF19')",
    },
    "facts": {
        "emptied": "'{}'",
        "spaced": "replace(facts, ':', ': ')",
        "trailing space": "facts || ' '",
        "added": "left(facts, -1) || ',\"zz\":1}'",
        "escaped": "replace(facts, 'level', '\\u006cevel')",
        "number": "regexp_replace(facts, '\"level\":[0-9]', '\"level\":10')",
        "flag": "CASE WHEN facts LIKE '%true%' THEN replace(facts, 'true', 'false') ELSE replace(facts, 'false', 'true') END",
        "doubled": "'{\"level\":0,' || substr(facts, 2)",
        "upper": "upper(facts)",
        "array": "'[]'",
        "broken": "left(facts, -1)",
        "two lines": "facts || E'\\n'",
        "null": "NULL",
        "decomposed": "normalize(facts, NFD)",
        "fraction": "regexp_replace(facts, '(\"level\":[0-9])', '\\1.0')",
    },
    "sealed": {
        "emptied": "'{}'",
        "invented": "'{\"message\":\"hmac-sha256:' || repeat('0', 64) || '\"}'",
        "renamed": "replace(sealed, 'message', 'reasons')",
        "upper": "replace(sealed, 'a', 'A')",
        "spaced": "sealed || ' '",
        "digit": "translate(sealed, '0123456789', '1234567890')",
        "null": "NULL",
    },
    "subject_seq": {
        "next": "subject_seq + 1",
        "before": "subject_seq - 1",
        "zero": "0",
        "negative": "-subject_seq",
        "far": "subject_seq + 1000000",
    },
    "at": {
        "a microsecond": "at - interval '1 microsecond'",
        "a second on": "at + interval '1 second'",
        "a day before": "at - interval '1 day'",
        "a year on": "at + interval '1 year'",
        "zone": "at + interval '1 hour'",
        "before Christ": "at - interval '1 year' * (2 * extract(year FROM at) - 1)",
        "infinity": "'infinity'",
        "null": "NULL",
    },
    "prev": {
        "bit": "set_bit(prev, 7, 1 - get_bit(prev, 7))",
        "zeros": "decode(repeat('00', 32), 'hex')",
        "own": "leaf_hash",
        "cut": "substr(prev, 1, 31)",
        "longer": "prev || decode('00', 'hex')",
        "empty": "''::bytea",
        "null": "NULL",
    },
    "leaf_version": {"first": "1", "none": "0", "next": "3", "null": "NULL"},
    "leaf_hash": {
        "bit": "set_bit(leaf_hash, 7, 1 - get_bit(leaf_hash, 7))",
        "last bit": "set_bit(leaf_hash, 255, 1 - get_bit(leaf_hash, 255))",
        "zeros": "decode(repeat('00', 32), 'hex')",
        "cut": "substr(leaf_hash, 1, 31)",
        "unprefixed": f"sha256(convert_to({LEAF}, 'UTF8'))",
        "empty": "''::bytea",
        "null": "NULL",
    },
    "leaf_index": {
        "taken away": "NULL",
        "far": "leaf_index + 1000000",
        "negative": "-1 - leaf_index",
        "doubled": "CASE leaf_index WHEN 0 THEN 1 ELSE leaf_index - 1 END",
    },
}

# The other tables. Not here is what nothing depends on: the time of a tree head, one of several signatures over the same tree.
TABLES: dict[str, dict[str, str]] = {
    "record_chain": {
        "seq": "seq = seq + 1",
        "head": "head = sha256(head)",
        "time": "at = at - interval '1 second'",
        "renamed": "subject = subject || 'x'",
        "deleted": "delete",
    },
    "record_treehead": {
        "size": "size = size + 100000",
        "root": "root = sha256(root)",
        "smaller": "size = size - 1",
        "frontier": "frontier = frontier || root",
    },
    "record_checkpoint": {
        "size": "size = size - 1",
        "root": "root = sha256(root)",
        "later": "signed_at = signed_at + interval '1 hour'",
        "earlier": "signed_at = signed_at - interval '1 day'",
        "note": "note = overlay(note placing '9' from position(E'\\n' in note) + 1 for 1)",
        "origin": "note = 'x' || note",
        "unsigned": "note = split_part(note, E'\\n\\n', 1) || E'\\n'",
        "signature": "note = overlay(note placing 'AAAA' from length(note) - 40 for 4)",
        "line cut": "note = regexp_replace(note, '[^\\n]+\\n$', '')",
        "empty": "note = ''",
    },
    "record_cosignature": {
        "witness": "witness = 'other.example'",
        "line": "line = 'nothing'",
        "at": "at = at - interval '1 day'",
        "loose": "checkpoint_id = checkpoint_id + 1000",
    },
}

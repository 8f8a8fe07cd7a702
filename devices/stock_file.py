"""The stock file: its columns, what each line refers to, and the rules every line has to keep."""

from __future__ import annotations

from devices.models import ASSET_TAG
from portal.imports.staging import Rule

COLUMNS = ("asset_tag", "imei", "serial", "model", "phone_number", "mdm_id", "allotted_to_warrant_number")

LOOK_UP = """
SELECT staged.*, staged.broken_problem IS NOT NULL AS broken, false AS refused,
    upper(staged.asset_tag) AS tag, upper(staged.allotted_to_warrant_number) AS person_number,
    held.id AS was_id, held.state AS was_state, held.imei AS was_imei, held.allotted_to_id AS was_allotted_to,
    owner.asset_tag AS imei_owner,
    person.id AS person_id, person.is_active AS person_active, custody.handset_id AS holds_id, holds.asset_tag AS holds_tag,
    min(staged.line) OVER (PARTITION BY upper(staged.asset_tag)) AS tag_line,
    min(staged.line) OVER (PARTITION BY staged.imei) AS imei_line,
    coalesce(held.state IN ('claimed', 'returning', 'lost', 'stolen', 'retired'), false) AS settled
FROM staged_row AS staged
LEFT JOIN devices_handset AS held ON held.asset_tag = upper(staged.asset_tag)
LEFT JOIN devices_handset AS owner ON owner.imei = staged.imei AND owner.asset_tag <> upper(staged.asset_tag)
LEFT JOIN people_person AS person ON person.number = upper(staged.allotted_to_warrant_number)
LEFT JOIN devices_custody AS custody ON custody.holder_id = person.id AND custody.ended_at IS NULL
LEFT JOIN devices_handset AS holds ON holds.id = custody.handset_id
"""

# Luhn, as the constraint in migration 0002 has it: every second digit doubled, the digits of the doubles added up.
PLAIN = " + ".join(f"substr(row.imei, {place}, 1)::int" for place in range(1, 16, 2))
DOUBLED = " + ".join(f"translate(substr(row.imei, {place}, 1), '0123456789', '0246813579')::int" for place in range(2, 15, 2))
FIFTEEN = "row.imei ~ '^[0-9]{15}$'"
VALID_IMEI = f"(CASE WHEN {FIFTEEN} THEN ({PLAIN} + {DOUBLED}) %% 10 = 0 ELSE false END)"

RULES = [
    Rule("asset_tag", "row.asset_tag = ''", "Enter the asset tag."),
    Rule("asset_tag", f"row.asset_tag <> '' AND row.tag !~ '{ASSET_TAG}'",
         "An asset tag is 2 to 32 letters, digits and hyphens. Correct it."),
    Rule("asset_tag", "row.asset_tag <> '' AND row.line <> row.tag_line",
         "format('This asset tag is already on line %%s. Remove one of the two lines.', row.tag_line)", is_sql=True),
    Rule("imei", "row.imei = ''", "Enter the IMEI. Dial *#06# on the handset to see it."),
    Rule("imei", f"row.imei <> '' AND NOT {FIFTEEN}", "An IMEI is 15 digits. Correct it; a spreadsheet may have changed it."),
    Rule("imei", f"{FIFTEEN} AND NOT {VALID_IMEI}", "The last digit of this IMEI does not fit the others. Look for a mistyped digit."),
    Rule("imei", "row.imei <> '' AND row.line <> row.imei_line",
         "format('This IMEI is already on line %%s. Each handset has its own.', row.imei_line)", is_sql=True),
    Rule("imei", "row.imei_owner IS NOT NULL AND row.line = row.imei_line",
         "format('This IMEI belongs to %%s in stock. Correct the IMEI or the asset tag.', row.imei_owner)", is_sql=True),
    Rule("imei", "row.settled AND row.imei <> row.was_imei",
         "format('The IMEI of a handset that is %%s cannot change. Check the asset tag.', row.was_state)", is_sql=True),
    Rule("serial", "length(row.serial) > 40", "Shorten the serial number to 40 characters."),
    Rule("model", "row.model = ''", "Enter the model."),
    Rule("model", "length(row.model) > 80", "Shorten the model to 80 characters."),
    Rule("phone_number", "row.phone_number <> '' AND row.phone_number !~ '^[+]?[0-9 ]{1,19}$'",
         "This is not a phone number. Use digits, spaces and a plus sign, 20 at most."),
    Rule("mdm_id", "length(row.mdm_id) > 64", "Shorten the device management id to 64 characters."),
    Rule("allotted_to_warrant_number", "row.person_number <> '' AND row.person_id IS NULL",
         "Nobody in the directory has this number. Correct it, import the directory first, or leave this empty."),
    Rule("allotted_to_warrant_number", "NOT row.person_active AND row.person_id IS DISTINCT FROM row.was_allotted_to",
         "This person is no longer active. Allot the handset to somebody else, or leave this empty."),
    Rule("allotted_to_warrant_number", "NOT row.settled AND row.holds_id IS NOT NULL AND row.holds_id IS DISTINCT FROM row.was_id",
         "format('This person already holds handset %%s. Leave this empty.', row.holds_tag)", is_sql=True),
]  # fmt: skip

NOTES = [
    Rule("allotted_to_warrant_number", "row.settled AND row.person_id IS DISTINCT FROM row.was_allotted_to",
         "format('This handset is %%s, so whom it is allotted to was left as it was.', row.was_state)", is_sql=True),
]  # fmt: skip

"""The directory file: its columns, what each line refers to, and the rules every line has to keep."""

from __future__ import annotations

from portal.imports.staging import Rule
from portal.people.line import LONGEST
from portal.people.models import Kind, Rank

COLUMNS = (
    "warrant_number",
    "kind",
    "rank",
    "first_name",
    "last_name",
    "email",
    "unit_code",
    "line_manager_warrant_number",
    "active",
)


def rank_spellings() -> list[tuple[str, int]]:
    """Every way a file may spell a rank, in lower case: "sergeant", "detective sergeant", "police sergeant", "special sergeant"."""
    spellings = [(rank.label.lower(), rank.value) for rank in Rank]
    for rank in Rank:
        if rank == Rank.NONE:
            continue
        prefixes = ["detective"] if rank <= Rank.CHIEF_SUPERINTENDENT else []
        prefixes += ["police"] if rank <= Rank.SERGEANT else []
        prefixes += ["special"] if rank <= Rank.CHIEF_INSPECTOR else []
        spellings += [(f"{prefix} {rank.label.lower()}", rank.value) for prefix in prefixes]
    return spellings


RANK_VALUES = ", ".join(f"('{spelled}', {value})" for spelled, value in rank_spellings())
KINDS = ", ".join(f"'{kind}'" for kind in Kind.values)
RANK_NAMES = ", ".join(rank.label for rank in Rank if rank != Rank.NONE)

LOOK_UP = f"""
SELECT staged.*, staged.broken_problem IS NOT NULL AS broken, false AS refused,
    upper(staged.warrant_number) AS number, lower(staged.email) AS address, upper(staged.line_manager_warrant_number) AS manager_number,
    lower(staged.kind) AS kind_key, coalesce(ranks.value, 0) AS rank_key, ranks.value IS NOT NULL AS rank_known, unit.id AS unit_id,
    lower(staged.active) = 'yes' AS is_active, held.id AS was_id, coalesce(held.id, gen_random_uuid()) AS id, owner.number AS address_owner,
    min(staged.line) OVER (PARTITION BY upper(staged.warrant_number)) AS number_line,
    min(staged.line) OVER (PARTITION BY lower(staged.email)) AS address_line
FROM staged_row AS staged
LEFT JOIN (VALUES {RANK_VALUES}) AS ranks (spelled, value) ON ranks.spelled = lower(staged.rank)
LEFT JOIN people_unit AS unit ON upper(unit.code) = upper(staged.unit_code)
LEFT JOIN people_person AS held ON held.number = upper(staged.warrant_number)
LEFT JOIN people_person AS owner ON owner.email = lower(staged.email) AND owner.number <> upper(staged.warrant_number)
"""  # noqa: S608 - nothing of the file's is pasted in

NUMBER = "^[A-Z0-9]{1,12}$"
PART = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
ADDRESS = rf"^[a-z0-9.!#$&''*+/=?^_{{|}}~-]+@{PART}(\.{PART})+$"

RULES = [
    Rule("warrant_number", "row.number = ''", "Enter the warrant number, or the pay number of somebody who has none."),
    Rule("warrant_number", f"row.number <> '' AND row.number !~ '{NUMBER}'",
         "A warrant or pay number is 1 to 12 letters and digits. Correct it; a spreadsheet may have changed it."),
    Rule("warrant_number", "row.number <> '' AND row.line <> row.number_line",
         "format('This number is already on line %%s. Remove one of the two lines.', row.number_line)", is_sql=True),
    Rule("kind", f"row.kind_key NOT IN ({KINDS})", "Use one of: officer, special, pcso, staff."),
    Rule("rank", "row.rank <> '' AND NOT row.rank_known", f"This rank is not known. Use one of: {RANK_NAMES}."),
    Rule("rank", "row.rank_key = 0 AND (row.rank = '' OR row.rank_known) AND row.kind_key IN ('officer', 'special')",
         "Enter the rank of this officer."),
    Rule("rank", "row.rank_key > 0 AND row.kind_key IN ('staff', 'pcso')", "Police staff and PCSOs have no rank. Leave this empty."),
    Rule("first_name", "row.first_name = ''", "Enter the first name."),
    Rule("first_name", "length(row.first_name) > 80", "Shorten the first name to 80 characters."),
    Rule("last_name", "row.last_name = ''", "Enter the last name."),
    Rule("last_name", "length(row.last_name) > 80", "Shorten the last name to 80 characters."),
    Rule("email", "row.address = ''", "Enter the email address."),
    Rule("email", f"row.address <> '' AND (length(row.address) > 254 OR row.address !~ '{ADDRESS}')",
         "This is not an email address. Enter one like name@force.example."),
    Rule("email", f"row.line <> row.address_line AND row.address ~ '{ADDRESS}'",
         "format('This address is already on line %%s. Each person needs their own.', row.address_line)", is_sql=True),
    Rule("email", "row.address_owner IS NOT NULL AND row.line = row.address_line AND NOT EXISTS ("
         "SELECT 1 FROM looked_up AS other WHERE other.number = row.address_owner AND other.address <> row.address)",
         "format('This address belongs to %%s in the directory. If it is the same person with a new number, change the number in the"
         " admin first.', row.address_owner)", is_sql=True),
    Rule("unit_code", "row.unit_code = ''", "Enter the unit code."),
    Rule("unit_code", "row.unit_code <> '' AND row.unit_id IS NULL",
         "This unit is not known. Correct the code, or add the unit in the admin first."),
    Rule("line_manager_warrant_number", "row.manager_number <> '' AND row.manager_number = row.number",
         "This person is their own line manager. Enter their manager’s number, or leave this empty."),
    Rule("line_manager_warrant_number", "row.manager_number <> '' AND NOT EXISTS ("
         "SELECT 1 FROM looked_up AS manager WHERE manager.number = row.manager_number)",
         "This line manager is not in the file. Correct the number, add the manager’s line, or leave this empty."),
    Rule("active", "lower(row.active) NOT IN ('yes', 'no')", "Enter yes or no."),
]  # fmt: skip

# Each person's level under the top of the file: who is missing here is in a loop, or under one.
LEVELS = """
CREATE TEMP TABLE levels ON COMMIT DROP AS
WITH RECURSIVE line AS (
    SELECT line, number, manager_number FROM looked_up WHERE line = number_line AND number <> ''
), level AS (
    SELECT line.line, line.number, 0 AS above FROM line LEFT JOIN line AS manager ON manager.number = line.manager_number
    WHERE line.manager_number = line.number OR manager.number IS NULL
    UNION ALL
    SELECT line.line, line.number, level.above + 1
    FROM level JOIN line ON line.manager_number = level.number AND line.number <> line.manager_number
)
SELECT * FROM level
"""
TOO_DEEP = f"This person has more than {LONGEST} managers above them. Correct the line of command."
DEEP = f"""
INSERT INTO staged_fault SELECT line, 'line_manager_warrant_number', '', '{TOO_DEEP}', 'fault' FROM levels WHERE above > {LONGEST}
"""  # noqa: S608 - nothing of the file's is pasted in
IN_NO_LEVEL = """
SELECT row.number, row.manager_number, row.line FROM looked_up AS row LEFT JOIN levels USING (line)
WHERE row.line = row.number_line AND row.number <> '' AND levels.line IS NULL
"""

# A first line of a number given twice is held back too where it would change somebody we know: it may be the wrong one of the two.
HELD_BACK = """
INSERT INTO staged_fault
SELECT line, 'warrant_number', warrant_number, 'Held back: another line has this number too. Remove one of the two lines.', 'note'
FROM looked_up AS row WHERE line = number_line AND was_id IS NOT NULL AND NOT refused
AND EXISTS (SELECT 1 FROM looked_up AS other WHERE other.number = row.number AND other.line <> row.line)
"""
HOLD_BACK = """
UPDATE looked_up SET refused = true FROM staged_fault
WHERE staged_fault.line = looked_up.line AND staged_fault.kind = 'note' AND col = 'warrant_number' AND NOT refused
"""
STILL_OWNED = """
INSERT INTO staged_fault
SELECT line, 'email', left(email, 80), format('This address still belongs to %s, whose own line was refused.', address_owner), 'fault'
FROM looked_up AS row WHERE NOT refused AND address_owner IS NOT NULL
AND EXISTS (SELECT 1 FROM looked_up AS other WHERE other.number = row.address_owner AND other.refused)
"""
MANAGER_KEPT = """
INSERT INTO staged_fault
SELECT row.line, 'line_manager_warrant_number', row.line_manager_warrant_number,
    format('The line manager was left as it was, because line %s was refused.', manager.line), 'note'
FROM looked_up AS row JOIN looked_up AS manager ON manager.number = row.manager_number AND manager.line = manager.number_line
WHERE NOT row.refused AND manager.refused AND manager.was_id IS NULL
"""

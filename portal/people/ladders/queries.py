"""The statements that find broken ladders, each over the whole force at once."""

from __future__ import annotations

from portal.people.models import Rank

INSPECTOR = int(Rank.INSPECTOR)
CHIEFS = int(Rank.CHIEF_SUPERINTENDENT)  # and above: nobody in the directory need stand over them
NAMED = 5  # numbers that a finding lists
UNIT = "LEFT JOIN people_unit AS unit ON unit.id = person.unit_id"
PLACE = "unit.id, coalesce(nullif(trim(concat(unit.code, ' ', unit.name)), ''), 'No unit')"
BY_UNIT = "GROUP BY unit.id, unit.code, unit.name ORDER BY unit.code"

# Whoever has an active inspector or above somewhere over them; UNION, so that a loop ends.
UNREACHED = f"""
WITH RECURSIVE reached AS (
    SELECT person.id FROM people_person AS person JOIN people_person AS manager ON manager.id = person.line_manager_id
    WHERE manager.is_active AND manager.rank >= {INSPECTOR}
    UNION
    SELECT person.id FROM people_person AS person JOIN reached ON person.line_manager_id = reached.id
)
SELECT {PLACE}, count(*), (array_agg(person.id ORDER BY person.rank DESC, person.number))[1]
FROM people_person AS person {UNIT}
WHERE person.is_active AND person.rank < {INSPECTOR} AND person.line_manager_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM reached WHERE reached.id = person.id)
{BY_UNIT}
"""  # noqa: S608 - constants
NO_MANAGER = f"""
SELECT {PLACE}, count(*), (array_agg(person.id ORDER BY person.number))[1], (array_agg(person.number ORDER BY person.number))[1:{NAMED}]
FROM people_person AS person {UNIT}
WHERE person.is_active AND person.line_manager_id IS NULL AND person.rank < {CHIEFS} AND NOT person.is_superuser
{BY_UNIT}
"""  # noqa: S608 - constants
NO_INSPECTOR = f"""
SELECT {PLACE}, count(*) FROM people_person AS person {UNIT}
WHERE person.is_active AND unit.id IS NOT NULL
GROUP BY unit.id, unit.code, unit.name HAVING count(*) FILTER (WHERE person.rank >= {INSPECTOR}) = 0 ORDER BY unit.code
"""  # noqa: S608 - constants
UNLED = """
SELECT unit.id, trim(concat(unit.code, ' ', unit.name)), count(*), leader.id, leader.number
FROM people_unit AS unit JOIN people_person AS person ON person.unit_id = unit.id AND person.is_active
LEFT JOIN people_person AS leader ON leader.id = unit.led_by_id
WHERE leader.id IS NULL OR NOT leader.is_active
GROUP BY unit.id, unit.code, unit.name, leader.id, leader.number ORDER BY unit.code
"""
LEFT_MANAGER = """
SELECT manager.id, manager.first_name || ' ' || manager.last_name || ', ' || manager.number, count(*), min(person.number)
FROM people_person AS manager JOIN people_person AS person ON person.line_manager_id = manager.id AND person.is_active
WHERE NOT manager.is_active
GROUP BY manager.id, manager.first_name, manager.last_name, manager.number ORDER BY count(*) DESC, manager.number
"""
ADRIFT = """
WITH RECURSIVE level AS (
    SELECT id FROM people_person WHERE line_manager_id IS NULL
    UNION ALL
    SELECT person.id FROM people_person AS person JOIN level ON person.line_manager_id = level.id
)
SELECT person.number, manager.number, person.id
FROM people_person AS person JOIN people_person AS manager ON manager.id = person.line_manager_id
WHERE NOT EXISTS (SELECT FROM level WHERE level.id = person.id)
"""
# Absences that are not over and name a deputy who left, ranks too low, or is away for some of the time as well.
DEPUTIES = f"""
SELECT absence.id, person.number, person.first_name || ' ' || person.last_name, deputy.number,
    deputy.first_name || ' ' || deputy.last_name, absence.starts_at, absence.ends_at, deputy.is_active,
    deputy.rank < least(person.rank, {INSPECTOR}), other.id IS NOT NULL
FROM people_absence AS absence JOIN people_person AS person ON person.id = absence.person_id AND person.is_active
JOIN people_person AS deputy ON deputy.id = absence.deputy_id
LEFT JOIN LATERAL (
    SELECT away.id FROM people_absence AS away
    WHERE away.person_id = deputy.id AND away.starts_at < absence.ends_at AND away.ends_at > greatest(absence.starts_at, %(at)s) LIMIT 1
) AS other ON true
WHERE absence.ends_at > %(at)s
    AND (NOT deputy.is_active OR deputy.rank < least(person.rank, {INSPECTOR}) OR other.id IS NOT NULL)
ORDER BY absence.starts_at, absence.id
"""  # noqa: S608 - a constant
EMPTY_POSTS = """
SELECT post.id, post.name FROM people_post AS post
WHERE NOT EXISTS (
    SELECT FROM people_postmember AS member JOIN people_person AS person ON person.id = member.person_id
    WHERE member.post_id = post.id AND person.is_active
)
ORDER BY post.name
"""
LOOKED_AT = """
SELECT (SELECT count(*) FROM people_person WHERE is_active), (SELECT count(*) FROM people_unit), (SELECT count(*) FROM people_post)
"""

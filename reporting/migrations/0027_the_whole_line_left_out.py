"""Who manages a reporter that left the line of command out, and does not work in professional standards yet, is kept from the report too.

Of reports sent before this the line is taken as it stands now. Managers who work there already are left as they are: they were excluded when
it was sent, or the reporter read that they are told.
"""

from typing import Any

from django.db import connection, migrations

OF_BEFORE = """
WITH RECURSIVE line (report_id, person_id, step) AS (
    SELECT report.id, reporter.line_manager_id, 1
    FROM reporting_report AS report JOIN people_person AS reporter ON reporter.id = report.reporter_id
    JOIN record_fact AS fact ON fact.subject = 'report:' || report.id AND fact.kind = 'report.sent'
    WHERE report.state <> 'erased' AND (fact.facts::jsonb ->> 'line_skipped')::boolean
    UNION
    SELECT line.report_id, manager.line_manager_id, line.step + 1
    FROM line JOIN people_person AS manager ON manager.id = line.person_id WHERE line.step < 20
)
INSERT INTO reporting_exclusion (report_id, person_id, why)
SELECT DISTINCT line.report_id, line.person_id, 'line' FROM line
WHERE line.person_id IS NOT NULL
  AND NOT EXISTS (
    SELECT FROM people_postmember AS member JOIN people_post AS post ON post.id = member.post_id
    WHERE member.person_id = line.person_id AND post.code = 'professional-standards'
  )
  AND NOT EXISTS (
    SELECT FROM people_person_groups AS has JOIN auth_group AS role ON role.id = has.group_id
    WHERE has.person_id = line.person_id AND role.name = %s
  )
ON CONFLICT DO NOTHING
"""


def forwards(apps: Any, schema_editor: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(OF_BEFORE, ["Professional standards"])


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_since_when_at_a_post'),
        ('record', '0002_append_only'),
        ('reporting', '0026_line_left_out'),
    ]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True),
    ]

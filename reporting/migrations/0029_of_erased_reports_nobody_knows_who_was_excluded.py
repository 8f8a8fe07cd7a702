"""Of reports that were erased before, nobody knows which of those who worked at a desk were excluded: none of them comes to know of it now."""

from typing import Any

from django.db import connection, migrations

ERASED_BEFORE = """
DELETE FROM reporting_handling AS handling USING reporting_duty AS duty JOIN reporting_report AS report ON report.id = duty.report_id
WHERE duty.id = handling.duty_id AND report.state = 'erased' AND NOT EXISTS (
    SELECT FROM reporting_erasure AS erasure
    WHERE erasure.report_id = report.id AND erasure.state = 'done' AND handling.person_id IN (erasure.asked_by_id, erasure.decided_by_id)
)
"""


def forwards(apps: Any, schema_editor: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ERASED_BEFORE)


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0028_indexes_of_desks_alone'),
    ]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True),
    ]

"""Who of a desk worked on its duties; of those of before, the record says it."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import connection, migrations, models

OF_BEFORE = """
INSERT INTO reporting_handling (duty_id, person_id)
SELECT duty.id, person.id FROM record_fact AS fact
JOIN people_person AS person ON fact.actor = 'person:' || person.id
JOIN reporting_duty AS duty ON duty.id = (fact.facts::jsonb ->> 'duty')::bigint AND fact.subject = 'report:' || duty.report_id
WHERE fact.kind IN ('duty.opened', 'duty.taken_up', 'duty.acted', 'report.asked', 'reporter.told') AND duty.post_id IS NOT NULL
ON CONFLICT DO NOTHING
"""


def forwards(apps: Any, schema_editor: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(OF_BEFORE)


class Migration(migrations.Migration):

    dependencies = [
        ('record', '0002_append_only'),
        ('reporting', '0024_constraints_say_why'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Handling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='handlings', to='reporting.duty')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('duty', 'person'), name='handling_once')],
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    """The clock's table, made by its first migration; only whose model it is changes."""

    dependencies = [("clock", "0001_initial"), ("watch", "0001_alarms")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Heartbeat",
                    fields=[
                        ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                    ],
                    options={"db_table": "clock_heartbeat", "default_permissions": ("view",)},
                )
            ]
        )
    ]

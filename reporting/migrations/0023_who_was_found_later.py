import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0022_a_clearer_sample"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="exclusion",
            name="why",
            field=models.CharField(
                choices=[
                    ("reporter", "Reporter"),
                    ("sender", "Sent the message"),
                    ("named", "Named in the report"),
                    ("declared", "Declared an interest"),
                    ("found", "Excluded by professional standards"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="duty",
            name="state",
            field=models.CharField(
                choices=[
                    ("sent", "Sent"),
                    ("opened", "Opened"),
                    ("taken_up", "Taken up"),
                    ("acted", "Acted"),
                    ("lapsed", "Deadline missed"),
                    ("passed", "Passed on"),
                    ("stepped_aside", "Stepped aside"),
                    ("moved", "Moved by professional standards"),
                    ("reopened", "Acted, then reopened"),
                    ("erased", "Report erased"),
                ],
                default="sent",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="duty",
            name="why",
            field=models.CharField(
                choices=[
                    ("sent", "the report was sent"),
                    ("open_missed", "the deadline to open was missed"),
                    ("act_missed", "the deadline to act was missed"),
                    ("passed", "it was passed on"),
                    ("stepped_aside", "the holder stepped aside"),
                    ("moved", "professional standards moved it"),
                    ("referred", "it was referred to professional standards"),
                    ("left", "the holder left"),
                    ("transferred", "the holder moved to another unit"),
                    ("reopened", "the report was reopened"),
                    ("disputed", "the reporter disputed what was done"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("sender", "Sent the message"),
                            ("involved", "Took part, or the message is about them"),
                            ("other", "Another conflict of interest"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "person",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "report",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="conflicts", to="reporting.report"),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AddConstraint(
            model_name="conflict",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("report", "person"), name="conflict_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="conflict",
            constraint=models.CheckConstraint(
                condition=models.Q(("by", models.F("person")), _negated=True), name="conflict_of_another"
            ),
        ),
    ]

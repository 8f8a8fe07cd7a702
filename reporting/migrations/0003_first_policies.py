"""The two ladders to begin with. They are samples: an administrator changes them, and reports already sent keep the one they were sent with."""

from typing import Any

from django.db import migrations

DESK = "professional-standards"
INSPECTOR, CHIEF_INSPECTOR, SUPERINTENDENT = 30, 40, 50
HOUR = 60

# name, for urgent reports, rungs: least rank (None: the desk), minutes to open, minutes to act
POLICIES: list[tuple[str, bool, list[tuple[int | None, int, int]]]] = [
    (
        "Reports",
        False,
        [
            (INSPECTOR, 2 * HOUR, 24 * HOUR),
            (CHIEF_INSPECTOR, 2 * HOUR, 12 * HOUR),
            (SUPERINTENDENT, 2 * HOUR, 12 * HOUR),
            (None, 4 * HOUR, 48 * HOUR),
        ],
    ),
    ("Somebody is at risk now", True, [(INSPECTOR, 15, HOUR), (CHIEF_INSPECTOR, 15, HOUR), (None, 15, 2 * HOUR)]),
]


def add_policies(apps: Any, schema_editor: Any) -> None:
    policy_of = apps.get_model("reporting", "EscalationPolicy")
    rung_of = apps.get_model("reporting", "EscalationRung")
    desk, _ = apps.get_model("people", "Post").objects.get_or_create(code=DESK, defaults={"name": "Professional standards desk"})
    for name, urgent, rungs in POLICIES:
        policy = policy_of.objects.create(name=name, urgent=urgent, in_force=True)
        for level, (least_rank, to_open, to_act) in enumerate(rungs, start=1):
            post = desk if least_rank is None else None
            rung_of.objects.create(
                policy=policy, level=level, least_rank=least_rank, post=post, minutes_to_open=to_open, minutes_to_act=to_act
            )


class Migration(migrations.Migration):
    dependencies = [("reporting", "0002_outside_routes"), ("people", "0002_units_posts_roles")]

    operations = [migrations.RunPython(add_policies, migrations.RunPython.noop)]

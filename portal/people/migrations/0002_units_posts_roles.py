"""The units, the desk and the roles a force begins with. All of it is data that administrators may edit."""

from __future__ import annotations

from typing import Any

from django.db import migrations

UNITS = {
    "AW": "Central West", "CN": "Central North", "CE": "Central East", "AS": "Central South", "EA": "East", "NA": "North",
    "NE": "North East", "NW": "North West", "SE": "South East", "SN": "South", "SW": "South West", "WA": "West",
    "MO7": "Taskforce", "MO19": "Firearms", "RTPC": "Roads and Transport Policing", "MDET": "Detention", "FHQ": "Force headquarters",
}  # fmt: skip
ROLES = ["Professional standards", "Stores", "Guidance authors", "Guidance approvers", "Auditors", "Administrators"]


def begin(apps: Any, schema_editor: Any) -> None:
    unit, post, group = apps.get_model("people", "Unit"), apps.get_model("people", "Post"), apps.get_model("auth", "Group")
    unit.objects.bulk_create([unit(code=code, name=name) for code, name in UNITS.items()], ignore_conflicts=True)
    post.objects.get_or_create(code="professional-standards", defaults={"name": "Professional standards desk"})
    group.objects.bulk_create([group(name=name) for name in ROLES], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]

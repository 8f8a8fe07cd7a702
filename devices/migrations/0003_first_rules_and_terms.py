"""The rules and terms a force starts with. Both are data: an administrator edits the rules and adds new terms."""

from __future__ import annotations

from typing import Any

from django.db import migrations

SOCIAL = "Social media cannot be opened on a force handset. It shares where you are and who you know with the company that runs it."
RULES = [
    ("X (Twitter)", "com.twitter.android", "blocked", SOCIAL),
    ("Facebook", "com.facebook.katana", "blocked", SOCIAL),
    ("TikTok", "com.zhiliaoapp.musically", "blocked", SOCIAL),
    (
        "WhatsApp",
        "com.whatsapp",
        "by_permission",
        "Only with your inspector’s permission and for a policing purpose. It may be monitored, and what is said in it can be disclosed.",
    ),
    ("Microsoft Outlook", "com.microsoft.office.outlook", "allowed", "Force email and calendar, kept on force systems."),
    ("Microsoft Teams", "com.microsoft.teams", "allowed", "Force chat and calls. Messages are kept and can be disclosed."),
    ("Maps", "com.google.android.apps.maps", "allowed", "Finding your way. Sign in with your force account only."),
    ("what3words", "com.what3words.android", "allowed", "Finding a caller who cannot give an address."),
]
TERMS = """\
I will keep this handset with me or locked away, and will not lend it to anybody.
I will use it for police business and follow the Information Code of Conduct.
I know that the force monitors it, and that what is on it can be disclosed.
I will report it lost or stolen at once, at any hour.
I will hand it back when I leave, change unit or am asked to.
"""


def add(apps: Any, _schema_editor: Any) -> None:
    rule, terms = apps.get_model("devices", "AppRule"), apps.get_model("devices", "Terms")
    rule.objects.bulk_create(
        rule(name=name, platform_id=platform_id, access=access, reason=reason) for name, platform_id, access, reason in RULES
    )
    terms.objects.create(text=TERMS)


class Migration(migrations.Migration):
    dependencies = [("devices", "0002_held_by_postgresql")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

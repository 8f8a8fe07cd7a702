"""What each role may do in Django's admin. Given again after every migration. Nothing here opens a report."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from portal.people.models import Role

ALL = ("view", "add", "change", "delete")
EDIT = ("view", "add", "change")

# app label → model → actions. Reports, duties, drafts and messages are in nobody's list.
GRANTS: dict[Role, dict[str, dict[str, tuple[str, ...]]]] = {
    Role.ADMINISTRATOR: {
        "people": {"person": EDIT, "unit": EDIT, "post": EDIT, "postmember": ALL, "absence": ALL, "rotashift": ALL, "rotacover": ALL},
        "hours": {"pattern": ALL, "shift": ALL, "follower": ALL, "closedday": ALL},
        "devices": {
            "handset": EDIT,
            "apprule": ALL,
            "terms": EDIT,
            "rolloutplan": ALL,
            "custody": ("view",),
            "discrepancy": ("view",),
        },
        "guidance": {"document": EDIT, "version": ("view",), "acknowledgement": ("view",)},
        "reporting": {
            "escalationpolicy": EDIT,
            "escalationrung": ALL,
            "outsideroute": ALL,
            "promiseterms": ("view", "change"),
            "checklistitem": ALL,
        },
        "notices": {"outbox": ("view", "change"), "unreachable": ("view", "change")},
    },
    Role.AUDITOR: {"record": {"fact": ("view",), "treehead": ("view",)}},
}


def give_permissions(app_config: AppConfig, using: str = "default", **_: Any) -> None:
    """After an app's migrations: make its permissions and give each role those it lists."""
    for role, apps in GRANTS.items():
        if app_config.label in apps:
            create_permissions(app_config, verbosity=0, using=using)
            _give(role, app_config.label, apps[app_config.label], using)


def _give(role: Role, label: str, models: dict[str, tuple[str, ...]], using: str) -> None:
    group, _ = Group.objects.using(using).get_or_create(name=role.value)
    wanted = Q()
    for model, actions in models.items():
        wanted |= Q(content_type__model=model, codename__in=[f"{action}_{model}" for action in actions])
    group.permissions.add(*Permission.objects.using(using).filter(wanted, content_type__app_label=label))

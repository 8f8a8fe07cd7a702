from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PeopleConfig(AppConfig):
    name = "portal.people"
    label = "people"
    verbose_name = "People"

    def ready(self) -> None:
        from portal.people import leaving, lost_deputies, moving, posts_held
        from portal.people.roles import give_permissions

        post_migrate.connect(give_permissions, dispatch_uid="people.roles")
        leaving.register(posts_held.describe)
        moving.register(lost_deputies.tell)

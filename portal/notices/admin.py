from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from portal.notices.models import Outbox, State


@admin.register(Outbox)
class OutboxAdmin(admin.ModelAdmin[Outbox]):
    """What was told, to whom, and what could not be delivered. The words of a notice are not shown."""

    list_display = ["kind", "to", "state", "attempts", "made_at", "sent_at", "last_error"]
    list_filter = ["state", "kind"]
    search_fields = ["to__number", "to__last_name"]
    list_select_related = ["to"]
    readonly_fields = [
        "to", "kind", "state", "attempts", "last_error", "made_at", "next_try_at", "sent_at",
    ]  # fmt: skip
    exclude = ["subject", "body", "link", "dedupe"]
    actions = ["send_again"]

    @admin.action(description="Send the selected notices again")
    def send_again(self, request: HttpRequest, chosen: QuerySet[Outbox]) -> None:
        again = chosen.filter(state=State.FAILED).update(state=State.WAITING, attempts=0, next_try_at=Now())
        self.message_user(request, f"{again} notices will be sent again.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Outbox | None = None) -> bool:
        return False

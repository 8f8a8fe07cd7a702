from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from portal.notices.delivering import send_again
from portal.notices.models import Outbox, State
from portal.ui.lookups import NarrowAdmin

# Who is told of a report is who sent it, or who has to act on it: neither is an administrator's business.
CONFIDENTIAL = ("report.", "duty.", "deadline.")


def confidential() -> Q:
    """Notices whose recipient would tell who reported or who holds a duty."""
    about = Q()
    for start in CONFIDENTIAL:
        about |= Q(kind__startswith=start)
    return about


@admin.register(Outbox)
class OutboxAdmin(NarrowAdmin[Outbox]):
    """What was told, to whom, and what could not be delivered. The words of a notice are not shown.

    Of notices about reports only those that could not be delivered are listed, without their recipient, so that they can be sent again.
    """

    list_display = ["about", "told", "state", "attempts", "made_at", "sent_at", "last_error"]
    list_filter = ["state"]
    search_fields = ["to__number", "to__last_name"]
    list_select_related = ["to"]
    fields = ["told", "about", "state", "attempts", "last_error", "made_at", "next_try_at", "sent_at"]
    readonly_fields = ["told", "about", "state", "attempts", "last_error", "made_at", "next_try_at", "sent_at"]
    actions = ["send_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outbox]:
        return super().get_queryset(request).filter(~confidential() | Q(state=State.FAILED))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Outbox], search_term: str) -> tuple[QuerySet[Outbox], bool]:
        """A name finds no confidential notice: that it is found would say whose it is."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        return (found.exclude(confidential()) if search_term else found), doubled

    @admin.display(description="kind")
    def about(self, notice: Outbox) -> str:
        return "about a report" if notice.kind.startswith(CONFIDENTIAL) else notice.kind

    @admin.display(description="to")
    def told(self, notice: Outbox) -> Any:
        return "not shown" if notice.kind.startswith(CONFIDENTIAL) else notice.to

    @admin.action(description="Send the selected notices again")
    def send_again(self, request: HttpRequest, chosen: QuerySet[Outbox]) -> None:
        again = send_again(keys=list(chosen.values_list("pk", flat=True)))
        self.message_user(request, f"{again} notices will be sent again.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Outbox | None = None) -> bool:
        return False

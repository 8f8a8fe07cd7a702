from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal.notices import knowing, reaching
from portal.notices.confidential import confidential, is_confidential
from portal.notices.delivering import send_again
from portal.notices.models import Outbox, State, Unreachable
from portal.people.access import signed_in
from portal.ui import words
from portal.ui.lookups import NarrowAdmin


def roughly(stretch: timedelta) -> str:
    """In whole hours, and after two days in whole days."""
    hours = stretch // timedelta(hours=1)
    if not hours:
        return "less than an hour"
    return words.count(hours, "hour") if hours < 48 else words.count(hours // 24, "day")


class ReadOnlyAdmin(NarrowAdmin[Any]):
    """Nothing is added, changed or deleted here; actions do what there is to do."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of the list, for what its actions do: the page of one has nothing to save."""
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    """What was told, to whom, and what could not be delivered. The words of a notice are not shown.

    Of notices about reports only those that could not be delivered and that lead to a report which whoever reads the list may know of are
    listed, with how long ago and nothing that says whose they are: so they can be sent again. Professional standards see the rest under
    /standards/undelivered/.
    """

    list_display = ["about", "told", "state", "attempts", "age", "last_error"]
    list_filter = ["state"]
    search_fields = ["to__number", "to__last_name"]
    list_select_related = ["to"]
    fields = ["told", "about", "state", "attempts", "last_error", "age"]
    readonly_fields = ["told", "about", "state", "attempts", "last_error", "age"]
    actions = ["send_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outbox]:
        notices = super().get_queryset(request).filter(~confidential() | Q(state=State.FAILED))
        return notices.exclude(confidential() & knowing.hidden_from(signed_in(request)))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Outbox], search_term: str) -> tuple[QuerySet[Outbox], bool]:
        """A name finds no confidential notice: that it is found would say whose it is."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        return (found.exclude(confidential()) if search_term else found), doubled

    @admin.display(description="kind")
    def about(self, notice: Outbox) -> str:
        return "about a report" if is_confidential(notice) else notice.kind

    @admin.display(description="to")
    def told(self, notice: Outbox) -> Any:
        return "not shown" if is_confidential(notice) else notice.to

    @admin.display(description="made")
    def age(self, notice: Outbox) -> str:
        """The minute would say which report it is about to somebody who knows when it was sent."""
        return f"{roughly(timezone.now() - notice.made_at)} ago" if is_confidential(notice) else words.moment(notice.made_at)

    @admin.action(description="Send the selected notices again")
    def send_again(self, request: HttpRequest, chosen: QuerySet[Outbox]) -> None:
        again = send_again(keys=list(chosen.values_list("pk", flat=True)))
        self.message_user(request, f"{words.count(again, 'notice')} will be sent again.")


@admin.register(Unreachable)
class UnreachableAdmin(ReadOnlyAdmin):
    """People whom a channel cannot reach, so that their address is put right where it comes from."""

    list_display = ["person", "way", "address", "why", "day"]
    list_filter = ["way"]
    search_fields = ["person__number", "person__last_name"]
    list_select_related = ["person"]
    fields = ["person", "way", "address", "why", "day"]
    readonly_fields = ["person", "way", "address", "why", "day"]
    actions = ["use_again"]

    @admin.display(description="since")
    def day(self, one: Unreachable) -> str:
        return words.day(timezone.localdate(one.since))

    @admin.action(description="Use the selected addresses again")
    def use_again(self, request: HttpRequest, chosen: QuerySet[Unreachable]) -> None:
        people = set(chosen.values_list("person", flat=True))
        for person_id in people:
            reaching.try_again(person_id=person_id)
        told = "1 person" if len(people) == 1 else f"{len(people)} people"
        self.message_user(request, f"{told} will be written to again.")

"""People, units, posts and absences in the admin."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin  # imported here so that it registers groups before they are taken out below
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from portal.imports.admin import ImportingAdmin
from portal.imports.exporting import ExportingAdmin
from portal.people import changing, directory, going_away
from portal.people.access import signed_in
from portal.people.forms import AbsenceForm, PersonForm, PostMembers, RotaOfMembers
from portal.people.importing import import_directory
from portal.people.ladders import views as ladders
from portal.people.models import Absence, Person, Post, PostMember, RotaCover, RotaShift, Unit

Lasting = TypeVar("Lasting", bound=Model)

if isinstance(admin.site.get_model_admin(Group), GroupAdmin):
    admin.site.unregister(Group)  # roles are the software's; who has one is said on the person's page


@admin.register(Person)
class PersonAdmin(ImportingAdmin[Person], ExportingAdmin[Person]):
    form = PersonForm
    list_display = ["number", "full_name", "kind", "rank", "unit", "line_manager", "is_active"]
    list_filter = ["is_active", "kind", "rank", "groups", "unit"]
    search_fields = ["number", "last_name", "first_name", "email"]
    list_select_related = ["unit", "line_manager"]
    list_per_page = 50
    show_full_result_count = False
    autocomplete_fields = ["line_manager"]
    import_what = "directory"
    import_columns = directory.COLUMNS
    importer = staticmethod(import_directory)
    export_columns = {
        "warrant_number": "number",
        "kind": "kind",
        "rank": lambda person: person.get_rank_display() if person.rank else "",
        "first_name": "first_name",
        "last_name": "last_name",
        "email": "email",
        "unit_code": lambda person: person.unit.code if person.unit else "",
        "line_manager_warrant_number": lambda person: person.line_manager.number if person.line_manager else "",
        "active": lambda person: "yes" if person.is_active else "no",
    }

    @admin.display(description="name", ordering="last_name")
    def full_name(self, person: Person) -> str:
        return person.plain_name

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> list[str]:
        """Nobody gives themselves a role, a way in, another's address or a rank that holds duties; only a superuser touches a superuser."""
        if obj is not None and obj.is_superuser and not signed_in(request).is_superuser:
            return list(PersonForm.Meta.fields)
        return ["groups", "is_active", "is_staff", "kind", "rank", "line_manager"] if obj == request.user else []

    def get_form(self, request: HttpRequest, obj: Person | None = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        return type(made.__name__, (made,), {"by": signed_in(request)})

    def has_delete_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Person, form: ModelForm[Person], change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: ModelForm[Person], formsets: list[BaseModelFormSet[Any, Any]], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.changed_data or not change:
            changing.person_changed(by=signed_in(request), person=form.instance, fields=form.changed_data, added=not change)


class LastingAdmin(ExportingAdmin[Lasting], Generic[Lasting]):
    """What reports point at is never deleted, by a superuser either: Django's page would name those that stand in the way."""

    def has_delete_permission(self, request: HttpRequest, obj: Lasting | None = None) -> bool:
        return False


@admin.register(Unit)
class UnitAdmin(LastingAdmin[Unit]):
    list_display = ["code", "name", "led_by"]
    search_fields = ["code", "name"]
    list_select_related = ["led_by"]
    autocomplete_fields = ["led_by"]
    change_list_template = "admin/people/unit/change_list.html"
    export_columns = {"code": "code", "name": "name", "led_by": lambda unit: unit.led_by.number if unit.led_by else ""}

    def save_model(self, request: HttpRequest, obj: Unit, form: ModelForm[Unit], change: bool) -> None:
        super().save_model(request, obj, form, change)
        changing.unit_changed(by=signed_in(request), unit=obj)

    def get_urls(self) -> list[URLPattern]:
        return [path("ladders/", self.admin_site.admin_view(self.ladders_view), name="people_unit_ladders"), *super().get_urls()]

    def ladders_view(self, request: HttpRequest) -> HttpResponse:
        """Where the line of command is broken, with the pages that mend it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        page = {**self.admin_site.each_context(request), "title": "Broken ladders", "opts": self.opts}
        return render(request, "admin/people/unit/ladders.html", page | ladders.context(request))


class PostMemberInline(admin.TabularInline[PostMember, Post]):
    model = PostMember
    formset = PostMembers
    autocomplete_fields = ["person"]
    extra = 1

    def get_formset(self, request: HttpRequest, obj: Post | None = None, **kwargs: Any) -> Any:
        made = super().get_formset(request, obj, **kwargs)
        return type(made.__name__, (made,), {"by": signed_in(request)})


class RotaShiftInline(admin.TabularInline[RotaShift, Post]):
    model = RotaShift
    formset = RotaOfMembers
    autocomplete_fields = ["person"]
    verbose_name_plural = "rota: who is on duty each week (nobody here: every member always is)"
    extra = 0


class RotaCoverInline(admin.TabularInline[RotaCover, Post]):
    model = RotaCover
    formset = RotaOfMembers
    autocomplete_fields = ["person"]
    verbose_name_plural = "rota: who is on duty on certain days instead"
    extra = 0


@admin.register(Post)
class PostAdmin(LastingAdmin[Post]):
    list_display = ["name", "code", "email"]
    search_fields = ["name", "code"]
    inlines = [PostMemberInline, RotaShiftInline, RotaCoverInline]
    export_columns = {"code": "code", "name": "name", "email": "email"}

    def get_readonly_fields(self, request: HttpRequest, obj: Post | None = None) -> list[str]:
        """Facts name a post by its code, so a code stays what it was."""
        return ["code"] if obj else []

    def save_related(self, request: HttpRequest, form: ModelForm[Post], formsets: list[BaseModelFormSet[Any, Any]], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        changing.post_changed(by=signed_in(request), post=form.instance)


@admin.register(Absence)
class AbsenceAdmin(ExportingAdmin[Absence]):
    form = AbsenceForm
    list_display = ["person", "starts_at", "ends_at", "deputy"]
    list_filter = ["starts_at"]
    search_fields = ["person__number", "person__last_name", "deputy__number", "deputy__last_name"]
    list_select_related = ["person", "deputy"]
    autocomplete_fields = ["person", "deputy"]
    date_hierarchy = "starts_at"
    export_columns = {
        "warrant_number": "person.number",
        "starts_at": "starts_at",
        "ends_at": "ends_at",
        "deputy": lambda absence: absence.deputy.number if absence.deputy else "",
    }

    def get_form(self, request: HttpRequest, obj: Absence | None = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        return type(made.__name__, (made,), {"by": signed_in(request)})

    def get_readonly_fields(self, request: HttpRequest, obj: Absence | None = None) -> list[str]:
        """An absence stays whose it was."""
        return ["person"] if obj else []

    def save_model(self, request: HttpRequest, obj: Absence, form: ModelForm[Absence], change: bool) -> None:
        by, stretch = signed_in(request), going_away.Stretch(starts_at=obj.starts_at, ends_at=obj.ends_at, deputy=obj.deputy)
        if change:
            going_away.change(by=by, absence_id=obj.pk, stretch=stretch)
        else:
            obj.pk = going_away.declare(by=by, person=obj.person, stretch=stretch).pk

    def delete_model(self, request: HttpRequest, obj: Absence) -> None:
        going_away.remove(by=signed_in(request), absence_id=obj.pk)

"""What administrators run of this room: settings, never a report."""

from __future__ import annotations

from django.contrib import admin
from django.db import models

from reporting.models import OutsideRoute


@admin.register(OutsideRoute)
class OutsideRouteAdmin(admin.ModelAdmin[OutsideRoute]):
    list_display = ["name", "phone", "url", "order", "for_indecent_images"]
    list_editable = ["order"]
    search_fields = ["name", "phone"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

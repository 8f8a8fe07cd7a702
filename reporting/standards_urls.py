"""Pages of professional standards."""

from __future__ import annotations

from django.urls import path

from reporting.views import originals, standards

app_name = "standards"
for_standards = {"for_standards": True}
urlpatterns = [
    path("", standards.listing, name="list"),
    path("<str:reference>/", standards.report, name="report"),
    path("<str:reference>/files/<uuid:attachment_id>/", originals.preview, for_standards, name="file"),
    path("<str:reference>/files/<uuid:attachment_id>/original/", originals.original, for_standards, name="original"),
]

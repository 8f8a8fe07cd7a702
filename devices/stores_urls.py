from __future__ import annotations

from django.urls import path, register_converter

from devices import stores_views as views
from devices.labels import TagConverter

register_converter(TagConverter, "asset_tag")

app_name = "stores"
urlpatterns = [
    path("", views.board, name="board"),
    path("labels/", views.labels, name="labels"),
    path("discrepancies/", views.discrepancies, name="discrepancies"),
    path("discrepancies/<int:discrepancy_id>/close/", views.close, name="close"),
    path("<asset_tag:asset_tag>/", views.handset, name="handset"),
    path("<asset_tag:asset_tag>/label/", views.one_label, name="label"),
    path("<asset_tag:asset_tag>/allot/", views.allot, name="allot"),
    path("<asset_tag:asset_tag>/do/<slug:step>/", views.do, name="do"),
]

from __future__ import annotations

from django.urls import path

from devices import labels  # noqa: F401 (registers how an asset tag stands in an address)
from devices import stores_views as views

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

"""The handset pages. Labels on handsets carry the address of `claim_tagged`, so it does not change."""

from __future__ import annotations

from django.urls import path

from devices import (
    labels,  # noqa: F401 (registers how an asset tag stands in an address)
    views,
)

app_name = "devices"
urlpatterns = [
    path("", views.handset, name="handset"),
    path("claim/", views.claim, name="claim"),
    path("claim/<asset_tag:asset_tag>/", views.claim_tagged, name="claim_tagged"),
    path("claim/<asset_tag:asset_tag>/in-hand/", views.in_hand, name="in_hand"),
    path("claim/<asset_tag:asset_tag>/different/", views.different, name="different"),
    path("lost/", views.lost, name="lost"),
    path("found/<asset_tag:asset_tag>/", views.found, name="found"),
    path("return/", views.hand_back, name="return"),
    path("keep/", views.keep, name="keep"),
    path("apps/", views.apps, name="apps"),
]

"""Addresses under /receipts/. Notices and papers carry them, so they do not change."""

from __future__ import annotations

from django.urls import path

from portal.receipts import views

app_name = "receipts"
urlpatterns = [
    path("", views.mine, name="list"),
    path("<int:fact_id>/", views.one, name="receipt"),
    path("<int:fact_id>/download", views.download, name="download"),
    path("<int:fact_id>/paper", views.paper, name="paper"),
]

"""Absence: mine, and those in which I stand in."""

from __future__ import annotations

from django.urls import path

from portal.away import views

app_name = "away"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.new, name="new"),
    path("<int:absence_id>/", views.change, name="change"),
    path("<int:absence_id>/end/", views.end, name="end"),
    path("<int:absence_id>/duties/", views.pass_duties, name="duties"),
]

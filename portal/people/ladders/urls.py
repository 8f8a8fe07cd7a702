"""Broken ladders, under the pages of professional standards."""

from __future__ import annotations

from django.urls import path

from portal.people.ladders import views

app_name = "ladders"
urlpatterns = [
    path("", views.page, name="page"),
    path("broken-ladders.csv", views.file, name="file"),
]

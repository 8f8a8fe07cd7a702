"""Addresses under /guidance/."""

from __future__ import annotations

from django.urls import path

from guidance import views

app_name = "guidance"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:slug>/", views.document, name="document"),
    path("<slug:slug>/changes/", views.changes, name="changes"),
    path("<slug:slug>/acknowledge/", views.acknowledged, name="acknowledge"),
    path("<slug:slug>/question/", views.question, name="question"),
    path("<slug:slug>/questions/", views.questions, name="questions"),
    path("<slug:slug>/questions/<uuid:key>/", views.asked, name="asked"),
]

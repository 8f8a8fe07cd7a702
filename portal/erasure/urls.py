"""Addresses under /erasures/."""

from __future__ import annotations

from django.urls import path

from portal.erasure import views

app_name = "erasure"
urlpatterns = [
    path("<slug:kind>/", views.listed, name="list"),
    path("<slug:kind>/<slug:key>/", views.one, name="one"),
    path("<slug:kind>/<slug:key>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:kind>/<slug:key>/confirm/", views.confirm, name="confirm"),
    path("<slug:kind>/<slug:key>/refuse/", views.refuse, name="refuse"),
]

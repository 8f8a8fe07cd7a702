"""Addresses of notices. The worker's and the one that GOV.UK Notify calls are kept elsewhere, so they do not change."""

from __future__ import annotations

from django.urls import path

from portal.notices import views

app_name = "notices"
urlpatterns = [
    path("accounts/notices/", views.preferences, name="preferences"),
    path("accounts/notices/test/", views.test, name="test"),
    path("accounts/notices/try-again/", views.try_again, name="try_again"),
    path("accounts/notices/browsers/", views.subscribe, name="subscribe"),
    path("accounts/notices/browsers/<int:subscription_id>/off/", views.unsubscribe, name="unsubscribe"),
    path("notices-worker.js", views.worker, name="worker"),
    path("notices/notify-receipt", views.notify_receipt, name="notify_receipt"),
]

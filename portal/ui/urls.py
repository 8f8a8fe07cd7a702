"""Addresses of the pages about the service itself."""

from __future__ import annotations

from django.urls import path

from portal.ui import legal

urlpatterns = [
    path("help/", legal.help_page, name="help"),
    path("privacy/", legal.privacy, name="privacy"),
    path("accessibility/", legal.accessibility, name="accessibility"),
]

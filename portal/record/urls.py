from __future__ import annotations

from django.urls import path

from portal.record import views

urlpatterns = [path("", views.record, name="record")]

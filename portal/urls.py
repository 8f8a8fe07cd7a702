"""Every address of the portal."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from portal import health
from portal.figures import duties_csv, figures
from portal.home import home
from portal.people.signin import sign_out, staff_door

handler400 = "portal.ui.errors.bad_request"
handler403 = "portal.ui.errors.permission_denied"
handler404 = "portal.ui.errors.page_not_found"
handler500 = "portal.ui.errors.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("", include("portal.ui.urls")),
    path("", include("portal.notices.urls")),
    path("accounts/", include("portal.people.urls")),
    path("absence/", include("portal.away.urls")),
    path("handset/", include("devices.urls")),
    path("stores/", include("devices.stores_urls")),
    path("admin/login/", staff_door),
    path("admin/logout/", sign_out, name="admin_logout"),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("guidance/", include("guidance.urls")),
    path("reports/", include("reporting.urls")),
    path("duties/", include("reporting.duties_urls")),
    path("standards/ladders/", include("portal.people.ladders.urls")),
    path("standards/", include("reporting.standards_urls")),
    path("figures/", figures, name="figures"),
    path("figures/duties.csv", duties_csv, name="duties_csv"),
    path("erasures/", include("portal.erasure.urls")),
    path("receipts/", include("portal.receipts.urls")),
    path("record/", include("portal.record.urls")),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]

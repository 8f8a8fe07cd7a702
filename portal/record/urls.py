from __future__ import annotations

from django.urls import path, re_path

from portal.record import log_views, verify_views, views

SHARD = r"^(?P<shard>[1-9][0-9]{0,5})/"
TILE = r"tile/(?P<level>0|[1-9][0-9]?)/(?P<place>[x0-9/]+)"
PART = r"\.p/(?P<width>[1-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$"

urlpatterns = [
    path("", views.record, name="record"),
    path("checkpoint", log_views.checkpoint, name="record_checkpoint"),
    path("keys", log_views.trusted_keys, name="record_keys"),
    path("verify/", verify_views.verify, name="record_verify"),
    path("candour_verify.py", verify_views.verifier, name="record_verifier"),
    re_path("^" + TILE + PART, log_views.tile, name="record_partial_tile"),
    re_path("^" + TILE + "$", log_views.tile, name="record_tile"),
    re_path(SHARD + "checkpoint$", log_views.checkpoint, name="record_shard_checkpoint"),
    re_path(SHARD + TILE + PART, log_views.tile, name="record_shard_partial_tile"),
    re_path(SHARD + TILE + "$", log_views.tile, name="record_shard_tile"),
]

"""Settings of the floor: the portal's servers and secrets, Django's own everything else."""

from __future__ import annotations

from portal.settings import *  # noqa: F403
from portal.settings import DATABASES, REDIS_URL

DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"

ROOT_URLCONF = "tests.bench.floor"
WSGI_APPLICATION = None  # type: ignore[assignment]
INSTALLED_APPS = ["tests.bench.floor_apps.BarePeople", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "floor"}}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
PAGE = """<!DOCTYPE html><html lang="en"><head><title>Waiting</title></head><body><h1>{{ user.first_name }} {{ user.last_name }}</h1>
{% for rows in groups %}<ul>{% for row in rows %}<li>{{ row.words }} {{ row.at|date:"j F Y H:i" }}</li>{% endfor %}</ul>{% endfor %}
<form method="post">{% csrf_token %}<button>Send</button></form></body></html>"""
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("django.template.loaders.locmem.Loader", {"page.html": PAGE})],
            "context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"],
        },
    }
]

"""The one settings file. Everything that differs between machines comes from the environment and is parsed strictly.

`CANDOUR_MODE` is `local` (made by `make run`), `test` or `production`. Production has no default for a secret or a server address:
a missing or malformed variable stops the process with its name.
"""

from __future__ import annotations

from email.utils import parseaddr
from pathlib import Path
from typing import Any

import django_stubs_ext
import structlog
from environs import Env, ValidationError, validate

django_stubs_ext.monkeypatch()  # lets `ModelAdmin[Person]` be written at run time

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(expand_vars=False)

MODE = env.str("CANDOUR_MODE", "production", validate=validate.OneOf(["local", "test", "production"]))
PRODUCTION = MODE == "production"
DEBUG = False
DEMO = env.bool("DEMO", False)

STATE_DIR = Path(env.str("STATE_DIR", str(BASE_DIR / ".local"))).resolve()
SECRET_KEY = env.str("SECRET_KEY", validate=validate.Length(min=50))
VAULT_KEY = env.str("VAULT_KEY", validate=validate.Length(min=44))  # base64 of 32 bytes
BASE_URL = env.str("BASE_URL", validate=validate.Regexp(r"^https?://[^/]+$"))
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", validate=validate.Length(min=1))
FORCE_NAME = env.str("FORCE_NAME", "Sample Police Service")

# --- What is installed -------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "portal.ui",
    "portal.people",
    "portal.hours",
    "portal.record",
    "portal.receipts",
    "portal.witness",
    "portal.vault",
    "portal.erasure",
    "portal.notices",
    "portal.imports",
    "portal.clock",
    "portal.watch",
    "portal.local",
    "devices",
    "guidance",
    "reporting",
    "portal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.ui.middleware.KeepWhatWasTyped",
    "portal.record.middleware.RefuseWhileReadOnly",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.ui.context.page",
            ],
        },
    },
]

# --- Where things are kept ---------------------------------------------------------------------------------------------------

# Three roles, three addresses. The application's may append to the record and never rewrite it; the sequencer's may number facts
# and nothing else; the owner's is used by migrations alone.
DATABASE = env.dj_db_url("DATABASE_URL")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", env.str("DATABASE_URL"))
DATABASE_SEQUENCER_URL = env.str("DATABASE_SEQUENCER_URL", env.str("DATABASE_URL"))
DATABASE_AUDITOR_URL = env.str("DATABASE_AUDITOR_URL", "")  # verify_record and export_record read as this role; empty: as the application
DATABASE_POOL = env.int("DATABASE_POOL", 8)  # most connections a process keeps; 0 opens one per request
DATABASES: dict[str, Any] = {
    "default": {
        **DATABASE,
        "ENGINE": "portal.postgres",  # looks whether a pooled connection still lives, without a query
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **DATABASE.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10} if DATABASE_POOL else False,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "portal.people.sessions.ForgivingRedisCache", "LOCATION": REDIS_URL, "TIMEOUT": 300},
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_NAME = "candour_session"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.ui.errors.csrf_failure"

VAULT_FILES = STATE_DIR / "vault"
# Seconds after which somebody is told that something always-on has fallen behind (portal.watch).
WATCH_SWEEP_SECONDS = env.int("WATCH_SWEEP_SECONDS", 30, validate=validate.Range(min=5))
WATCH_DEADLINE_SECONDS = env.int("WATCH_DEADLINE_SECONDS", 60, validate=validate.Range(min=5))
WATCH_PROMISE_SECONDS = env.int("WATCH_PROMISE_SECONDS", 60, validate=validate.Range(min=10))
WATCH_NOTICE_SECONDS = env.int("WATCH_NOTICE_SECONDS", 900, validate=validate.Range(min=30))
WATCH_FACT_SECONDS = env.int("WATCH_FACT_SECONDS", 120, validate=validate.Range(min=5))
WATCH_WORKER_SECONDS = env.int("WATCH_WORKER_SECONDS", 300, validate=validate.Range(min=60))
RETENTION_YEARS = env.int("RETENTION_YEARS", 6, validate=validate.Range(min=1, max=100))  # closed reports may be erased after so many
# The record's keys, the signer's own state, the mirror of its leaves and the tree's hashes: outside the database, on purpose.
RECORD_DIR = Path(env.str("RECORD_DIR", str(STATE_DIR / "record"))).resolve()
RECORD_ORIGIN = env.str("RECORD_ORIGIN", BASE_URL.partition("://")[2] + "/record", validate=validate.Regexp(r"^[^\s+]+$"))
WITNESS_POLICY = env.str("WITNESS_POLICY", "")  # a file (c2sp.org/tlog-policy) that names who cosigns the record; empty: nobody
TSA_URL = env.str("TSA_URL", "")  # a time-stamping authority (RFC 3161) for each day's first checkpoint; empty: none
TSA_ROOTS = env.str("TSA_ROOTS", "")  # a PEM file of the certificates that its stamps must lead to
# Paper copies carry a signature: by a key and a certificate made in RECORD_DIR, or by the force's own (PEM, named together).
PAPER_KEY_FILE = env.str("PAPER_KEY_FILE", "")
PAPER_CERT_FILE = env.str("PAPER_CERT_FILE", "")
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 12

# --- Who may come in ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["portal.people.signin.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "portal.people.signin.AccountAdapter"
USERSESSIONS_ADAPTER = "portal.people.signin.SessionsAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a stranger's address gets no letter from the portal
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_FORMS = {
    "login": "portal.people.signin_forms.LoginForm",
    "change_password": "portal.people.signin_forms.ChangePasswordForm",
    "set_password": "portal.people.signin_forms.SetPasswordForm",
    "reset_password": "portal.people.signin_forms.ResetPasswordForm",
    "reset_password_from_key": "portal.people.signin_forms.ResetPasswordKeyForm",
    "reauthenticate": "portal.people.signin_forms.ReauthenticateForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Django's own generator: allauth's writes the address into a second table, where it would outlive a change in the directory and
# let whoever is given the old address next take the account.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 - a class
ALLAUTH_TRUSTED_PROXY_COUNT = env.int(
    "TRUSTED_PROXIES", 0
)  # proxies in front of the portal: attempts are counted by the address before them
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the directory vouches for addresses
MFA_ADAPTER = "portal.people.signin.StepAdapter"
MFA_FORMS = {
    "authenticate": "portal.people.signin_forms.CodeForm",
    "reauthenticate": "portal.people.signin_forms.CodeAgainForm",
    "activate_totp": "portal.people.signin_forms.TurnOnForm",
}
MFA_TOTP_ISSUER = "Candour"

# --- What leaves the portal --------------------------------------------------------------------------------------------------

EMAIL_BACKEND = {
    "local": "django.core.mail.backends.filebased.EmailBackend",  # letters land in STATE_DIR/mail
    "test": "django.core.mail.backends.locmem.EmailBackend",
    "production": "django.core.mail.backends.smtp.EmailBackend",
}[MODE]
EMAIL_FILE_PATH = str(STATE_DIR / "mail")
EMAIL_HOST = env.str("EMAIL_HOST") if PRODUCTION else "localhost"
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Candour <no-reply@force.example>")

# Which channels notices take (docs/notices.md). Mail leaves by the force's own server or by GOV.UK Notify, never by both.
CHANNELS = ("smtp", "notify_email", "notify_sms", "push")


def one_that_mails(names: list[str]) -> None:
    if len({"smtp", "notify_email"} & set(names)) != 1:
        raise ValidationError("It names smtp or notify_email, and not both: everybody can be reached by e-mail.")


NOTICE_CHANNELS: list[str] = env.list("NOTICE_CHANNELS", ["smtp"], validate=[validate.ContainsOnly(CHANNELS), one_that_mails])
_BY_NOTIFY = any(name.startswith("notify_") for name in NOTICE_CHANNELS)
NOTIFY_API_KEY = env.str("NOTIFY_API_KEY") if _BY_NOTIFY else ""
NOTIFY_URL = env.str("NOTIFY_URL", "https://api.notifications.service.gov.uk", validate=validate.Regexp(r"^https?://[^/]+$"))
NOTIFY_EMAIL_TEMPLATE = str(env.uuid("NOTIFY_EMAIL_TEMPLATE")) if "notify_email" in NOTICE_CHANNELS else ""
NOTIFY_SMS_TEMPLATE = str(env.uuid("NOTIFY_SMS_TEMPLATE")) if "notify_sms" in NOTICE_CHANNELS else ""
NOTIFY_CALLBACK_TOKEN = env.str("NOTIFY_CALLBACK_TOKEN", "")  # what Notify says to be believed; empty: its receipts are fetched only
PUSH_KEY_FILE = Path(env.str("PUSH_KEY_FILE", str(STATE_DIR / "push" / "vapid.pem"))).resolve()
PUSH_CONTACT = env.str(
    "PUSH_CONTACT", "mailto:" + parseaddr(DEFAULT_FROM_EMAIL)[1], validate=validate.Regexp(r"^(mailto:.+@.+|https://.+)$")
)
# Push services that browsers may name: what a browser sends us is an address that we post to.
PUSH_SERVICES: list[str] = env.list(
    "PUSH_SERVICES", ["fcm.googleapis.com", "updates.push.services.mozilla.com", "notify.windows.com", "push.apple.com"]
)

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
# The clock asks for deliveries between deadlines: a broker that is away has to say so at once, not after six seconds of trying again.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5, "max_retries": 1, "interval_start": 0}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Security headers --------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = SECURE_HTTPS
CSRF_COOKIE_SECURE = SECURE_HTTPS
SECURE_SSL_REDIRECT = False  # the force's proxy owns port 80
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_HTTPS else None
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# --- Static files, language, time --------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MAX_AGE = 3600

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/London"

# --- Logs --------------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer() if PRODUCTION else structlog.dev.ConsoleRenderer(colors=False),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["console"],
        "level": env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"])),
    },
}

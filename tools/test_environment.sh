#!/bin/sh
# Run a command that loads the settings and touches no server, such as the type checker.
set -eu
export DJANGO_SETTINGS_MODULE=portal.settings CANDOUR_MODE=test BASE_URL=http://testserver ALLOWED_HOSTS=testserver
export SECRET_KEY=for-checks-only-for-checks-only-for-checks-only-for-checks
export VAULT_KEY=Zm9yLWNoZWNrcy1vbmx5LWZvci1jaGVja3Mtb25seS0=
export DATABASE_URL=postgresql://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0
exec "$@"

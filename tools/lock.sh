#!/bin/sh
# Lock every dependency by version and hash, for every platform. Needs uv on PATH (UV names another). `tools/lock.sh --upgrade` takes newer versions.
set -eu
cd "$(dirname "$0")/.."
lock() { "${UV:-uv}" pip compile -q --native-tls --generate-hashes --universal --python-version 3.11 --no-emit-index-url "$@"; }
lock pyproject.toml -o requirements.txt "$@"
lock pyproject.toml --extra dev -o requirements-dev.txt "$@"
lock tools/build.in -o requirements-build.txt "$@"

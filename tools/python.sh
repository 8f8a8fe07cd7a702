#!/bin/sh
# Print a Python of version 3.11 or later, or say what to do. PYTHON names one of your own.
set -u
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        if ! "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            echo "Python is there, but cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv" >&2
            exit 1
        fi
        echo "$candidate"
        exit 0
    fi
done
echo "Candour needs Python 3.11 or later, and none was found. Install one, or name it: make PYTHON=/path/to/python3 run" >&2
exit 1

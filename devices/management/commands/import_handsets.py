"""`manage.py import_handsets FILE.csv`: bring stock to what a file says."""

from __future__ import annotations

from devices.importing import import_handsets
from portal.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Import handsets from a CSV file. Nothing changes if a line is wrong, unless --partial."
    nouns = "handsets"
    importer = staticmethod(import_handsets)

"""`manage.py import_directory FILE.csv`: bring the directory to what a file says."""

from __future__ import annotations

from portal.imports.command import ImportCommand
from portal.people.importing import import_directory


class Command(ImportCommand):
    help = "Import people from a CSV file. Nothing changes if a line is wrong, unless --partial."
    nouns = "people"
    has_leavers = True
    importer = staticmethod(import_directory)

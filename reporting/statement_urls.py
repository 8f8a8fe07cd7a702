"""The addresses of a statement of duty, the same under each party's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from reporting.statements.parts import Party
from reporting.views import statements


def statement_paths(party: Party) -> list[URLPattern]:
    """Paths below a report's page, to be put among the room's own."""
    given = {"party": party}
    return [
        path("<str:reference>/statement/", statements.statement, given, name="statement"),
        path("<str:reference>/statement/<int:seq>/", statements.made, given, name="statement_made"),
        path("<str:reference>/statement/<int:seq>/download/", statements.download, given, name="statement_download"),
        path("<str:reference>/statement/<int:seq>/paper/", statements.paper, given, name="statement_paper"),
    ]

"""The holder's pages. Links in notices carry `duty`'s address, so it does not change."""

from __future__ import annotations

from django.urls import path

from reporting.statement_urls import statement_paths
from reporting.statements.parts import Party
from reporting.views import acts, assigning, duties, notes, originals, recording
from reporting.views.next_in_line import next_in_line_page

app_name = "duties"
urlpatterns = [
    path("", duties.listing, name="list"),
    path("board/", duties.board, name="board"),
    path("<str:reference>/", duties.duty, name="duty"),
    path("<str:reference>/next/", next_in_line_page, name="next"),
    path("<str:reference>/take-up/", acts.take_up, name="take_up"),
    path("<str:reference>/assign/", assigning.assign, name="assign"),
    path("<str:reference>/unassign/", assigning.unassign, name="unassign"),
    path("<str:reference>/ask/", acts.ask, name="ask"),
    path("<str:reference>/tell/", acts.tell, name="tell"),
    path("<str:reference>/act/", recording.act, name="act"),
    path("<str:reference>/note/", notes.write, name="note"),
    path("<str:reference>/act/discard/", recording.discard, name="discard"),
    path("<str:reference>/pass/", acts.pass_on, name="pass"),
    path("<str:reference>/step-aside/", acts.step_aside, name="step_aside"),
    path("<str:reference>/files/<uuid:attachment_id>/", originals.preview, name="file"),
    path("<str:reference>/files/<uuid:attachment_id>/original/", originals.original, name="original"),
    *statement_paths(Party.HOLDER),
]

"""The reporter's pages. Links in notices carry `report`'s address, so it does not change."""

from __future__ import annotations

from django.urls import path

from reporting.statement_urls import statement_paths
from reporting.statements.parts import Party
from reporting.views import check, disputing, drafts, files, reports

app_name = "reporting"
urlpatterns = [
    path("", reports.listing, name="list"),
    path("new/", drafts.new, name="new"),
    path("drafts/<uuid:draft_id>/message/", drafts.page, {"page": "message"}, name="message"),
    path("drafts/<uuid:draft_id>/people/", drafts.page, {"page": "people"}, name="people"),
    path("drafts/<uuid:draft_id>/response/", drafts.page, {"page": "response"}, name="response"),
    path("drafts/<uuid:draft_id>/check/", check.check, name="check"),
    path("drafts/<uuid:draft_id>/discard/", drafts.discard, name="discard"),
    path("drafts/<uuid:draft_id>/files/<uuid:attachment_id>/", files.draft_file, name="draft_file"),
    path("<str:reference>/", reports.report, name="report"),
    path("<str:reference>/add/", reports.add, name="add"),
    path("<str:reference>/answer/<uuid:question_id>/", reports.answer, name="answer"),
    path("<str:reference>/dispute/", disputing.dispute, name="dispute"),
    path("<str:reference>/files/<uuid:attachment_id>/", files.report_file, name="report_file"),
    *statement_paths(Party.REPORTER),
]

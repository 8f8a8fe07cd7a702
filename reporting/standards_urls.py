"""Pages of professional standards."""

from __future__ import annotations

from django.urls import path

from reporting.statement_urls import statement_paths
from reporting.statements.parts import Party
from reporting.views import asides, erasing, excluding, findings, linking, naming, notes, originals, reopening, standards, undelivered

app_name = "standards"
for_standards = {"for_standards": True}
urlpatterns = [
    path("", standards.listing, name="list"),
    path("retention/", erasing.retention, name="retention"),
    path("waiting/", standards.waiting, name="waiting"),
    path("undelivered/", undelivered.listing, name="undelivered"),
    path("stepped-aside/", asides.stepped_aside, name="stepped_aside"),
    path("<str:reference>/", standards.report, name="report"),
    path("<str:reference>/note/", notes.write, for_standards, name="note"),
    path("<str:reference>/decision/", findings.record, name="finding"),
    path("<str:reference>/links/", linking.link, name="links"),
    path("<str:reference>/links/<uuid:link_id>/", linking.unlink, name="unlink"),
    path("<str:reference>/reopen/", reopening.reopen, name="reopen"),
    path("<str:reference>/excluded/", excluding.exclude, name="excluded"),
    path("<str:reference>/excluded/<uuid:conflict_id>/", excluding.readmit, name="readmit"),
    path("<str:reference>/name/", naming.name, name="name"),
    path("<str:reference>/name/withdraw/", naming.withdraw, name="name_withdraw"),
    path("<str:reference>/name/refuse/", naming.refuse, name="name_refuse"),
    path("<str:reference>/name/open/", naming.open_name, name="name_confirm"),
    path("<str:reference>/name/close/", naming.close, name="name_close"),
    path("<str:reference>/name/tell/", naming.tell, name="name_tell"),
    path("<str:reference>/erase/", erasing.ask, name="erase"),
    path("<str:reference>/erase/withdraw/", erasing.withdraw, name="erase_withdraw"),
    path("<str:reference>/erase/refuse/", erasing.refuse, name="erase_refuse"),
    path("<str:reference>/erase/confirm/", erasing.confirm, name="erase_confirm"),
    path("<str:reference>/files/<uuid:attachment_id>/", originals.preview, for_standards, name="file"),
    path("<str:reference>/files/<uuid:attachment_id>/original/", originals.original, for_standards, name="original"),
    *statement_paths(Party.STANDARDS),
]

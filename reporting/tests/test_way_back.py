"""A page about one report leads back to that report, as its reader sees it."""

from __future__ import annotations

import pytest

from portal.people.models import Person
from reporting.models import Report
from reporting.tests.browsing import in_one_line, reader_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["duties/{}/ask/", "duties/{}/note/", "duties/{}/statement/", "reports/{}/statement/"]
    + [f"standards/{{}}/{page}/" for page in ("erase", "excluded", "links", "decision", "note", "statement")],
)
def test_the_way_back_leads_to_the_report(people: list[Person], report: Report, address: str) -> None:
    room = address.partition("/")[0]
    page = in_one_line(reader_in(room, people).get(f"/{address.format(report.reference)}"))
    way_back = (
        f'<a class="govuk-back-link" href="/{room}/{report.reference}/">Report <span class="app-reference">{report.reference}</span></a>'
    )
    assert page.count(way_back) == 1

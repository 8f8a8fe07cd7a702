"""Papers as the portal makes them, with room for hostile words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from portal.receipts.paper.contents import Line, Paper, Prose, Table, Words, at

SENT = datetime(2026, 11, 23, 14, 2, 7, 123456, tzinfo=UTC)
RECEIPT = b'{"candour":"receipt/v1","words":{"title":"You sent a report \xe2\x80\x93 \xc2\xa3"}}\n'
CHECKS = [
    Line(label="Fact number", value="1,048,576"),
    Line(label="Record when signed", value="1,048,602 facts, at 2:02:08pm on Monday 23 November 2026", under="2026-11-23 14:02:08 UTC"),
    Line(label="Key", value="portal.force.example/record+8f3a1c22+AWvMyePQhd1w2rn0oLrFlkKGqOVGgSE+0BFnrpQzVVBE", exact=True),
]


def receipt(text: str = "Who’s on the 4am? Don’t tell the guvnor.", **changed: Any) -> Paper:
    """A receipt for a report that says `text`."""
    facts = [
        at("Recorded", SENT),
        Line(label="By", value="Constable Amara Okafor", under="Warrant number 214467. Response team B"),
        Line(label="Duty passed to", value="Inspector A Shah", under="To open by 4:02pm and to act by 2:02pm on 24 November 2026"),
    ]
    usual: dict[str, Any] = {
        "force": "Sample Police Service",
        "noun": "receipt",
        "title": "Receipt: you sent a report",
        "reference": "MR-7K3P-9QXA",
        "facts": facts,
        "parts": [Words(heading="What you wrote", text=text)],
        "checks": CHECKS,
        "check_url": "https://portal.force.example/record/verify/",
        "attachment": RECEIPT,
        "attachment_name": "report-sent-MR-7K3P-9QXA.receipt.json",
    }
    return Paper(**{**usual, **changed})


def statement(rows: int = 4) -> Paper:
    """A statement of duty with so many rows."""
    held = ["Inspector A Shah", "2:02:07pm to 4:02:07pm\non 23 November 2026", "First in the line", "Told 2:02:09pm\nNot opened"]
    table = Table(
        heading="Who held the duty", columns=["Holder", "From and to", "Because", "What happened"], widths=[3, 4, 3, 4], rows=[held] * rows
    )
    proved = Prose(heading="What this proves", points=["Nobody acted between 2:02:07pm and 4:02:07pm on 23 November 2026."])
    return receipt(noun="statement", title="Statement of duty", parts=[table, proved], attachment_name="MR-7K3P-9QXA.statement.json")

"""A report's reference is never broken at its hyphens, wherever a page shows one; copied, it is as it was typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

REFERENCE = "MR-7K3P-9QXA"
SHOWN = r"{{ [\w.]*reference }}"
# Where a browser draws no text that could wrap: the title, what only a screen reader reads, values of attributes.
NOT_DRAWN = (
    r"{% block title %}.*?{% endblock title %}",
    r'<span class="govuk-visually-hidden">[^<]*</span>',
    r"<[a-z]+[^>]*\bapp-reference\b[^>]*>" + SHOWN,
    r'="(?:{%.*?%}|{{.*?}}|[^"])*"',
)
PAGES = sorted(path for path in Path(settings.BASE_DIR, "templates").rglob("*.html") if "admin" not in path.parts)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_no_page_shows_a_reference_that_may_break(path: Path) -> None:
    text = path.read_text()
    for pattern in NOT_DRAWN:
        text = re.sub(pattern, "", text, flags=re.DOTALL)
    assert re.findall(SHOWN, text) == []


@pytest.mark.parametrize(
    "page",
    [
        '{% include "components/_messages.html" with messages=said %}',
        "{% timeline entries %}",
        "{% summary_list rows %}",
        "{% task_list tasks %}",
    ],
)
def test_no_sentence_breaks_one(page: str) -> None:
    sentence = f"Linked with <b>{REFERENCE}"
    given = {
        "said": [{"message": sentence}],
        "entries": [{"text": sentence, "detail": sentence}],
        "rows": [{"key": "Report", "value": sentence}],
        "tasks": [{"text": sentence}],
    }
    drawn = Template("{% load candour %}" + page).render(Context(given))
    assert f'Linked with &lt;b&gt;<span class="app-reference">{REFERENCE}</span>' in drawn

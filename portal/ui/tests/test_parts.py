"""The parts pages are made of: lists, timelines, charts, pages of a list."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from portal.ui import charts


def drawn(source: str, **context: Any) -> str:
    return " ".join(Template("{% load candour %}" + source).render(Context(context)).split())


def test_what_people_wrote_is_never_markup() -> None:
    html = drawn("{% summary_list rows %}{% tag text 'red' %}", rows=[{"key": "Said", "value": "<script>x</script>\ntwo"}], text="<b>")
    assert "<script>" not in html
    assert "&lt;script&gt;x&lt;/script&gt;<br>two" in html
    assert '<strong class="govuk-tag govuk-tag--red">&lt;b&gt;</strong>' in html


def test_a_row_nobody_filled_in_says_so() -> None:
    assert "Not given" in drawn("{% summary_list rows %}", rows=[{"key": "Group name", "value": None, "href": "/x"}])


def test_a_change_link_says_what_it_changes() -> None:
    html = drawn("{% summary_list rows %}", rows=[{"key": "App", "value": "Signal", "href": "/app/"}])
    assert '<a class="govuk-link" href="/app/">Change<span class="govuk-visually-hidden"> app</span></a>' in html


def test_a_task_is_a_link_described_by_its_state() -> None:
    html = drawn(
        "{% task_list tasks %}", tasks=[{"text": "Claim your handset", "href": "/handset/claim/", "tag": "Not claimed", "colour": "grey"}]
    )
    assert 'aria-describedby="task-1-status"' in html
    assert 'id="task-1-status"' in html


def test_no_reference_is_broken_in_the_name_of_a_task() -> None:
    html = drawn("{% task_list tasks %}", tasks=[{"text": "Act on <b> MR-7K3P-9QXA", "href": "/duties/MR-7K3P-9QXA/"}])
    assert 'Act on &lt;b&gt; <span class="app-reference">MR-7K3P-9QXA</span></a>' in html


def test_a_timeline_keeps_its_order_and_its_proofs() -> None:
    entries = [{"text": "Opened"}, {"text": "Sent", "links": [{"text": "Proof", "href": "/receipts/1/"}]}]
    html = drawn("{% timeline entries %}", entries=entries)
    assert html.index("Opened") < html.index("Sent") < html.index("/receipts/1/")


def test_pages_of_a_list_keep_the_filters() -> None:
    request = RequestFactory().get("/duties/", {"unit": "CN & NE", "page": "2"})
    html = drawn("{% pagination page %}", page=Paginator(range(100), 10).page(2), request=request)
    assert 'href="?unit=CN+%26+NE&amp;page=3" rel="next"' in html
    assert 'aria-current="page"' in html


def test_one_page_needs_no_links() -> None:
    assert drawn("{% pagination page %}", page=Paginator([1], 10).page(1), request=RequestFactory().get("/")) == ""


def test_a_chart_has_its_figures_as_a_table_and_no_inline_style() -> None:
    html = drawn("{% bar_chart 'Claimed' rows '%' 100 %}", rows=[("CN <b>", 82.5), ("NE", 0)])
    assert "82.5%</td>" in html
    assert "<svg" in html
    assert "<b>" not in html
    assert "style=" not in html


def test_a_chart_without_figures_says_so() -> None:
    assert "There are no figures yet." in drawn("{% bar_chart 'Claimed' rows %}", rows=[])
    assert "There are no figures yet." in drawn("{% line_chart 'Claimed' labels series %}", labels=[], series={})


def test_a_missing_figure_breaks_the_line_and_is_a_dash_in_the_table() -> None:
    chart = charts.lines("By week", ["a", "b", "c"], {"Claimed": [1, None, 3]})
    assert chart["lines"][0]["path"].count("M") == 2
    assert chart["table"][1] == ["b", "–"]


def test_what_is_counted_in_whole_things_has_whole_figures_at_its_side() -> None:
    assert [tick["text"] for tick in charts.ticks(1, "")] == ["0", "1"]
    assert [tick["text"] for tick in charts.ticks(200, "")] == ["0", "50", "100", "150", "200"]
    assert len(charts.ticks(1, "hours")) == 5


@pytest.mark.parametrize(("most", "end"), [(0, 1), (0.4, 0.5), (7, 10), (12, 20), (240, 250), (999, 1000)])
def test_a_scale_ends_on_a_round_figure(most: float, end: float) -> None:
    assert charts.nice(most) == pytest.approx(end)


def test_no_bar_leaves_its_track() -> None:
    widths = [bar["width"] for bar in charts.bars("x", [("over", 250), ("under", -3)], most=100)["bars"]]
    assert widths == [charts.WIDTH, 0]

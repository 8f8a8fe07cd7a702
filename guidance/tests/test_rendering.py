from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance.comparing import ADDED, REMOVED, SAME, compare, word_changes
from guidance.rendering import Block, blocks, hash_of, render
from guidance.samples.installing import DOCUMENTS, HERE


def test_headings_get_anchors_and_a_contents_list() -> None:
    page = render("## Your handset\n\n### Loss\n\n## Your handset")
    assert '<h2 id="s-your-handset">' in page.html
    assert '<h2 id="s-your-handset-2">' in page.html
    assert '<h3 id="s-loss">' in page.html
    assert page.contents.count("<li>") == 2
    assert 'href="#s-your-handset-2"' in page.contents


def test_the_page_s_title_stays_its_only_first_heading() -> None:
    page = render("# Top\n\n#### Deep")
    assert "<h1" not in page.html
    assert "<h2" in page.html
    assert "<h3" in page.html
    assert page.contents == ""


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "<img src=x onerror=alert(1)>",
        '## <b onclick="x">t</b>',
        "![x](/secret)",
        "<style>p{}</style>",
    ],
)
def test_nothing_in_a_text_becomes_active(text: str) -> None:
    html = render(text).html
    assert "<script" not in html
    assert "<img" not in html
    assert "<style" not in html
    assert "<b " not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html


@given(st.text(max_size=300))
def test_any_text_renders_without_script_or_style(text: str) -> None:
    html = render(text).html
    assert "<script" not in html
    assert " style=" not in html


def test_tables_carry_no_inline_style() -> None:
    assert "style" not in render("| a |\n|:-:|\n| 1 |").html


def test_blocks_are_plain_words() -> None:
    assert blocks("## *Help*\n\nAsk [us](/x)\nnow.\n\n- one") == [
        Block("heading", "Help"),
        Block("paragraph", "Ask us now."),
        Block("item", "one"),
    ]


def test_the_hash_is_sha_256_of_utf_8() -> None:
    assert hash_of("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


def test_whole_words_are_marked() -> None:
    assert list(word_changes("You may use it.", "You must use it.")) == [
        (SAME, "You "),
        (REMOVED, "may"),
        (ADDED, "must"),
        (SAME, " use it."),
    ]


def test_a_new_paragraph_is_wholly_added_and_a_lost_one_wholly_removed() -> None:
    same, added = compare("One.", "One.\n\nTwo.")
    assert (same.changed, added.changed) == (False, True)
    assert added.blocks[0].pieces == ((ADDED, "Two."),)
    assert compare("One.\n\nTwo.", "One.")[1].blocks[0].pieces == ((REMOVED, "Two."),)


def test_a_change_stands_under_its_heading_once() -> None:
    old = "## A\n\none two three\n\nstays\n\nfour five six"
    new = "## A\n\none two 3\n\nstays\n\nfour five 6"
    assert [(stretch.in_sight, stretch.under) for stretch in compare(old, new)] == [(True, "")] * 4
    hidden = "Intro.\n\n" + old
    assert [stretch.under for stretch in compare(hidden, "Intro.\n\n" + new)] == ["", "A", "", ""]


def test_equal_texts_have_no_changes() -> None:
    assert not any(stretch.changed for stretch in compare("## A\n\nx", "## A\n\nx"))


WORDS = st.lists(st.sampled_from(["you", "may", "not", "use", "it", ".", "\n\n", "- ", "## "]), max_size=30).map(" ".join)


@given(WORDS, WORDS)
def test_old_and_new_can_be_read_off_the_changes(old: str, new: str) -> None:
    laid = [block for stretch in compare(old, new) for block in stretch.blocks]
    for text, skipped in ((old, ADDED), (new, REMOVED)):
        kept = ["".join(words for sign, words in block.pieces if sign != skipped) for block in laid]
        assert sorted(word for word in kept if word) == sorted(block.text for block in blocks(text))


def test_every_sample_says_that_it_is_one_and_has_its_heads() -> None:
    heads = [
        "Purpose",
        "Who it applies to",
        "Your handset",
        "Your own phone",
        "Messaging apps",
        "Social media",
        "Information and disclosure",
    ]
    heads += ["Monitoring", "When you see a message that is wrong", "Breaches", "Help"]
    for _, versions in DOCUMENTS.values():
        for sample in versions:
            text = (HERE / sample.file).read_text()
            assert "This is a sample" in text
            if sample.file.startswith("code"):
                assert [block.text for block in blocks(text) if block.kind == "heading"] == heads

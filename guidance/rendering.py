"""Turn a version's Markdown into the page readers see. Raw HTML is off, and what comes out is cleaned all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

MARKDOWN = MarkdownIt("commonmark", {"html": False, "typographer": True})
MARKDOWN.enable(["table", "smartquotes"]).disable(["image", "html_block", "html_inline"])

TAGS = {
    *("p", "ul", "ol", "li", "a", "h2", "h3", "strong", "em", "code", "pre", "br", "hr", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href"}, "h2": {"id"}, "h3": {"id"}},
    allowed_classes={"a": {"govuk-link"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
)
HIGHEST, LOWEST = 2, 3  # the page's title is the h1


@dataclass(frozen=True, slots=True)
class Page:
    """A text rendered: its HTML, and the HTML of its contents list ("" where it has fewer than two headings)."""

    html: str
    contents: str


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item or table cell as plain words. kind: "heading", "item" or "paragraph"."""

    kind: str
    text: str


def hash_of(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hex."""
    return sha256(text.encode()).hexdigest()


def render(text: str) -> Page:
    """The page for a Markdown text."""
    tokens = MARKDOWN.parse(text)
    headings = list(_anchor(tokens))
    _mark_links(tokens)
    return Page(CLEANER.clean(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})), _contents(headings))


def blocks(text: str) -> list[Block]:
    """The text's words block by block, without Markdown's marks."""
    found, kinds = [], ["paragraph"]
    for token in MARKDOWN.parse(text):
        if token.type in ("heading_open", "list_item_open"):
            kinds.append("heading" if token.type == "heading_open" else "item")
        elif token.type in ("heading_close", "list_item_close"):
            kinds.pop()
        elif words := _words(token):
            found.append(Block(kinds[-1], words))
    return found


def _words(token: Token) -> str:
    if token.type in ("fence", "code_block"):
        return token.content.strip()
    if token.type != "inline":
        return ""
    return "".join(" " if child.type in ("softbreak", "hardbreak") else child.content for child in token.children or ()).strip()


def _anchor(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Give each heading its level on the page and an id; yield (id, words) of the highest level."""
    taken: set[str] = set()
    for opened, inline, closed in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opened.type != "heading_open":
            continue
        opened.tag = closed.tag = f"h{min(max(int(opened.tag[1]), HIGHEST), LOWEST)}"
        words = _words(inline)
        anchor = _anchor_for(words, taken)
        opened.attrSet("id", anchor)
        if opened.tag == "h2":
            yield anchor, words


def _anchor_for(words: str, taken: set[str]) -> str:
    base = anchor = "s-" + (re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "part")
    count = 1
    while anchor in taken:
        count += 1
        anchor = f"{base}-{count}"
    taken.add(anchor)
    return anchor


def _mark_links(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.type == "link_open":
            token.attrSet("class", "govuk-link")
        _mark_links(token.children or ())


def _contents(headings: list[tuple[str, str]]) -> str:
    if len(headings) < 2:
        return ""
    items = "".join(f'<li><a class="govuk-link" href="#{anchor}">{escape(words)}</a></li>' for anchor, words in headings)
    return f'<ol class="app-contents">{items}</ol>'

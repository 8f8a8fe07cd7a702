from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.receipts.paper.contents import MOST_CHARACTERS, Line, Prose, Table, at, in_london
from portal.receipts.paper.printable import COVERED, Care, printable, prints, right_to_left
from portal.receipts.paper.rendering import CannotPrint, _compile, code, render
from portal.receipts.paper.tests import pdfs
from portal.receipts.paper.tests.samples import RECEIPT, SENT, receipt, statement
from portal.record.verifier import candour_verify

HOSTILE = [
    '#set page(width: 1pt) #panic("x") #read("/etc/passwd") #include "/main.typ"',
    "$ x^2 $ and \\ and * and _ and ` and ] and [ and } and <label> and @ref and // and /* and ~ and --- and = heading",
    "\u202egpj.exe\u202c and \u2066hidden\u2069",
    "\x00\x01\x07\x1b[31m\x7f\x85 \ud800 \ufffe \U0010ffff",
    "e\u0301" + "\u0301" * 60 + " Z̴̡̨̢̛͕̭̗a̵̧l̷̡g̸o",
    "👨‍👩‍👧‍👦 👍🏽 ❤️ 🇬🇧",
    "한국어 中文 日本語 नमस्ते ไทย",
]


def test_a_receipt_is_one_page_that_says_everything() -> None:
    (text,) = pdfs.pages(render(receipt(), made_at=SENT))
    for said in [
        "Sample Police Service",
        "Receipt: you sent a report",
        "MR-7K3P-9QXA",
        "2:02:07pm on Monday 23 November 2026",
        "2026-11-23 14:02:07.123456 UTC",
        "Constable Amara Okafor",
        "Who’s on the 4am? Don’t tell the guvnor.",
        "How to check this",
        "report-sent-MR-7K3P-9QXA.receipt.json",
        "https://portal.force.example/record/verify/",
        "candour_verify.py",
        "1,048,576",
        "Page 1 of 1",
    ]:
        assert said.replace(" ", "") in text.replace(" ", "")
    assert "square brackets" not in text


def test_the_receipt_is_attached_byte_for_byte() -> None:
    every = ("\ufeff\r\n" + "".join(map(chr, range(0x3000)))).encode() * 5
    assert pdfs.attached(render(receipt(), made_at=SENT)) == {"report-sent-MR-7K3P-9QXA.receipt.json": RECEIPT}
    assert pdfs.attached(render(receipt(attachment=every), made_at=SENT)) == {"report-sent-MR-7K3P-9QXA.receipt.json": every}


@pytest.mark.parametrize("more", [b"", b"x" * 400_000])
def test_the_verifier_finds_what_is_attached(more: bytes) -> None:
    every = RECEIPT[:-1] + more + b"\n"
    assert candour_verify.attached(render(receipt(attachment=every), made_at=SENT)) == every


def test_it_says_that_it_is_pdf_ua_with_language_title_and_tags() -> None:
    pdf = render(statement(), made_at=SENT)
    root = pdfs.root(pdf)
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF's own truth
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert b'pdfuaid:part="1"' in root["/Metadata"].data or b"<pdfuaid:part>1<" in root["/Metadata"].data
    assert "Statement of duty" in root["/Metadata"].data.decode()
    tags = pdfs.tags(pdf)
    assert tags.count("H1") == 1
    assert [tag for tag in tags if tag.startswith("H")][:3] == ["H1", "H2", "H2"]
    assert (tags.count("Table"), tags.count("TH"), tags.count("TD")) == (1, 4, 16)
    assert "Figure" in tags


def test_a_long_statement_numbers_its_pages_and_repeats_its_columns() -> None:
    pages = pdfs.pages(render(statement(rows=60), made_at=SENT))
    assert len(pages) > 3
    for number, text in enumerate(pages[:-1], start=1):
        assert "Holder From and to Because What happened" in text
        assert f"Page {number} of {len(pages)}" in text
    assert all("Statement of duty · MR-7K3P-9QXA" in text for text in pages[1:])


@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_wrote_is_shown_and_never_read_as_markup(text: str) -> None:
    paper = receipt(
        text,
        title=f"Receipt {text}",
        reference=text,
        facts=[Line(label=text, value=text, under=text), at("Recorded", SENT)],
        parts=[
            Table(heading=text, columns=[text], widths=[1], rows=[[text]], note=text),
            Prose(heading=text, paragraphs=[text], points=[text]),
            *receipt(text).parts,
        ],
    )
    pdf = render(paper, made_at=SENT)
    shown = "".join(pdfs.pages(pdf)).replace(" ", "")
    if text.isascii() and text.isprintable():
        assert shown.count(text.replace(" ", "")) >= 7
    assert pdfs.attached(pdf)["report-sent-MR-7K3P-9QXA.receipt.json"] == RECEIPT


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200))
def test_any_text_at_all_can_be_put_on_paper(text: str) -> None:
    assert pdfs.pages(render(receipt(text), made_at=SENT))


def test_a_row_stays_on_one_page_and_no_cell_outgrows_a_page() -> None:
    cell = "\n".join(f"Event {number}" for number in range(500))
    table = Table(heading="What happened", columns=["When", "What"], widths=[1, 1], rows=[["x", cell], ["y" * 5_000, "z"]] * 9)
    pages = pdfs.pages(render(receipt(parts=[table]), made_at=SENT))
    for text in pages:
        assert text.count("Event 0 ") == text.count("Event 19…")
    assert " ".join(pages).count("Event 19…") == 9
    assert "Event 20" not in " ".join(pages)


def test_words_of_five_thousand_lines_are_cut_and_the_paper_says_so() -> None:
    text = "\n".join(f"Line {number} of what was said." for number in range(5_000))
    pages = pdfs.pages(render(receipt(text), made_at=SENT))
    assert "Line 999 of" in " ".join(pages)
    assert "Line 1000 of" not in " ".join(pages)
    left = len(text) - len("\n".join(text.split("\n")[:1_000]))
    assert f"Cut here: {left:,} more characters are in the attached receipt." in " ".join(pages)
    (short,) = pdfs.pages(render(receipt("Short\r\n"), made_at=SENT))
    assert "Cut here" not in short


def test_a_word_wider_than_the_page_breaks_and_loses_nothing() -> None:
    word = "abcdefghij" * 60
    text = "".join(pdfs.pages(render(receipt(word, title=word[:300]), made_at=SENT))).replace(" ", "")
    assert word in text
    assert len(word) < MOST_CHARACTERS


def test_a_key_can_be_copied_from_the_paper() -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(render(receipt(), made_at=SENT))
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert "portal.force.example/record+8f3a1c22+AWvMyePQhd1w2rn0oLrFlkKGqOVGgSE+0BFnrpQzVVBE" in "".join(text.split())


def test_what_the_fonts_lack_is_written_by_name_and_explained() -> None:
    (text,) = pdfs.pages(render(receipt("Haha 😀 中"), made_at=SENT))
    assert "Haha [grinning face] [U+4E2D]" in text
    assert "written by name in square brackets" in text


def test_every_character_that_is_said_to_print_does() -> None:
    places = sorted(place for place in COVERED if unicodedata.category(chr(place)) != "Cn")
    template = b"""#set document(title: "x")
        #set text(font: ("Libertinus Serif", "New Computer Modern", "New Computer Modern Math", "DejaVu Sans Mono"))
        #for one in json("/all.json") { box(one) + [ ] }"""
    assert _compile({"main.typ": template, "all.json": json.dumps([chr(place) for place in places]).encode()}, SENT).startswith(b"%PDF")


def test_names_stand_for_characters_without_a_shape_or_with_a_hidden_effect() -> None:
    assert printable("a\tb\r\nc\u2028d") == "a    b\nc\nd"
    assert printable("\u202ex\x00\ud800\ue000") == "[right-to-left override]x[U+0000][U+D800][U+E000]"
    assert printable("👨\u200d👩") == "[man][woman]"
    assert printable("e\u0301 ❤\ufe0f") == "é [heavy black heart]" if not prints("❤") else "é ❤"
    assert printable("é q\u0301", Care.MARKS) == "é q[combining acute accent]"
    assert printable("é", Care.ALL_BUT_ASCII) == "[latin small letter e with acute]"
    assert prints("Haha [grinning face]")
    assert not prints("Haha 😀")


@pytest.mark.parametrize(
    ("line", "from_right"), [("שלום x", True), ("1. السلام", True), ("He said שלום", False), ("", False), ("123", False)]
)
def test_a_line_runs_as_its_first_letter_does(line: str, from_right: bool) -> None:
    assert right_to_left(line) is from_right


def test_clusters_that_typst_gives_up_on_are_written_with_more_care(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def refuse_marks(files: dict[str, bytes], made_at: Any) -> bytes:
        seen.append(files["paper.json"].decode())
        if "combining acute accent" not in seen[-1]:
            raise CannotPrint
        return _compile(files, made_at)

    monkeypatch.setattr("portal.receipts.paper.rendering._compile", refuse_marks)
    (text,) = pdfs.pages(render(receipt("q\u0301"), made_at=SENT))
    assert len(seen) == 2
    assert "q[combining acute accent]" in text
    assert "square brackets" in text


def test_a_fault_of_typst_s_own_is_an_error_like_others_and_quotes_nothing() -> None:
    with pytest.raises(CannotPrint) as raised:
        _compile({"main.typ": b"#panic(sys.inputs) private words"}, SENT)
    assert "private" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_the_qr_code_holds_the_address_of_the_page_and_nothing_else() -> None:
    assert code("https://portal.force.example/record/verify/").startswith(b"<svg")
    assert code("https://portal.force.example/record/verify/") != code("https://other.example/record/verify/")


@pytest.mark.parametrize(
    "wrong",
    [{"attachment_name": "../x.json"}, {"attachment_name": ""}, {"attachment_name": "a b.json"}, {"title": " "}, {"attachment": b"\xff"}],
)
def test_a_paper_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        receipt(**wrong)


@pytest.mark.parametrize(("widths", "rows"), [([1], [["a", "b"]]), ([1, 1], [["a"]]), ([1, 0], [["a", "b"]]), ([], [])])
def test_a_table_has_cells_for_its_columns(widths: list[int], rows: list[list[str]]) -> None:
    with pytest.raises(ValueError):
        Table(heading="x", columns=["a", "b"], widths=widths, rows=rows)


def test_times_are_said_as_in_london_with_utc_beneath() -> None:
    summer = datetime(2026, 6, 30, 23, 5, 9, 42, tzinfo=UTC)
    assert in_london(summer) == "12:05:09am on 1 July 2026"
    line = at("Recorded", summer)
    assert (line.label, line.value, line.under) == (
        "Recorded",
        "12:05:09am on Wednesday 1 July 2026",
        "2026-06-30 23:05:09.000042 UTC",
    )

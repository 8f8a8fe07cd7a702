from __future__ import annotations

import io
import json
import struct
import uuid
import zipfile
import zlib
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from portal.vault.files import open_file
from portal.vault.models import Item
from reporting import sending
from reporting.evidence import keeping as evidence
from reporting.evidence.inspecting import LARGEST, BadFile
from reporting.evidence.zips import MOST_ENTRIES
from reporting.models import Attachment, Draft
from reporting.tests import files
from reporting.tests.reporters import MESSAGE, a_draft, force, full_draft

GOOD: dict[str, tuple[str, bytes, str, str]] = {
    "png": ("a.png", files.picture("PNG"), "image/png", "image/jpeg"),
    "jpeg": ("a.JPG", files.picture("JPEG"), "image/jpeg", "image/jpeg"),
    "webp": ("a.webp", files.picture("WEBP"), "image/webp", "image/jpeg"),
    "heic": ("a.heic", files.picture("HEIF", (64, 64)), "image/heic", "image/jpeg"),
    "pdf": ("a.pdf", files.pdf(), "application/pdf", "image/jpeg"),
    "txt": ("a.txt", "Zoë said 😀".encode(), "text/plain", "text/plain"),
    "utf-16": ("a.txt", "Zoë".encode("utf-16"), "text/plain", "text/plain"),
    "windows": ("a.txt", b"Zo\xeb", "text/plain", "text/plain"),
    "zip": ("chat.zip", files.zipped(), "application/zip", "text/plain"),
    "transparent": ("a.png", files.picture("PNG"), "image/png", "image/jpeg"),
}


def a_bomb() -> bytes:
    return files.zipped({"_chat.txt": b"\0" * 30_000_000})


def huge_picture() -> bytes:
    """A PNG that says it has 40,000 × 40,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.png", b"", "is empty"),
    "HTML called PNG": ("a.png", files.HTML, "isn't what its name says"),
    "HTML called JPEG": ("a.jpg", files.HTML, "isn't what its name says"),
    "PNG called JPEG": ("a.jpg", files.picture("PNG"), "isn't what its name says"),
    "PNG called TXT": ("a.txt", files.picture("PNG"), "isn't what its name says"),
    "PNG called ZIP": ("a.zip", files.picture("PNG"), "isn't what its name says"),
    "HTML called PDF": ("a.pdf", files.HTML, "isn't what its name says"),
    "program": ("a.exe", b"MZ" + bytes(100), "can't be attached"),
    "HTML": ("a.html", files.HTML, "can't be attached"),
    "SVG": ("a.svg", b"<svg/>", "can't be attached"),
    "no ending": ("screenshot", files.picture(), "can't be attached"),
    "cut short": ("a.png", files.picture("PNG", (300, 300))[:80], "damaged"),
    "only a head": ("a.pdf", b"%PDF-1.4\n", "can't be opened as a PDF"),
    "too many pixels": ("a.png", huge_picture(), "too many pixels"),
    "NUL bytes in text": ("a.txt", b"a\0b", "isn't what its name says"),
    "bomb": ("a.zip", a_bomb(), "unpacks to far more"),
    "nested": ("a.zip", files.zipped({"_chat.txt": b"x", "b.zip": files.zipped()}), "another archive inside"),
    "nested and hidden": ("a.zip", files.zipped({"_chat.txt": b"x", "b.jpg": files.zipped()}), "another archive inside"),
    "password": ("a.zip", files.encrypted(), "has a password"),
    "broken": ("a.zip", files.broken(), "damaged"),
    "lying": ("a.zip", files.lying(), "damaged"),
    "bzip2": ("a.zip", files.zipped(by=zipfile.ZIP_BZIP2), "packed in a way"),
    "lzma": ("a.zip", files.zipped(by=zipfile.ZIP_LZMA), "packed in a way"),
    "no chat": ("a.zip", files.zipped({"a.jpg": files.picture("JPEG")}), "has no chat in it"),
    "no files": ("a.zip", b"PK\x05\x06" + bytes(18), "has no chat in it"),
    "too many files": ("a.zip", files.zipped({f"{n}.txt": b"" for n in range(MOST_ENTRIES + 1)}), "more than 2,000 files"),
}


@pytest.mark.parametrize("case", GOOD)
def test_a_good_file_is_known_and_gets_a_preview(case: str) -> None:
    name, data, media_type, preview_type = GOOD[case]
    checked = evidence.check(files.upload(name, data))
    assert (checked.media_type, checked.preview_type) == (media_type, preview_type)
    assert checked.preview


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_gets_a_sentence_with_its_name(case: str) -> None:
    name, data, sentence = BAD[case]
    with pytest.raises(BadFile) as refused:
        evidence.check(files.upload(name, data))
    assert sentence in str(refused.value)
    assert name in str(refused.value)


def test_a_file_over_25_mb_is_refused_unread() -> None:
    big = files.upload("a.png", b"x")
    big.size = LARGEST + 1
    with pytest.raises(BadFile, match="larger than 25 MB"):
        evidence.check(big)


def test_a_preview_is_small_and_holds_none_of_the_files_own_data() -> None:
    checked = evidence.check(files.upload("a.jpg", files.with_place((4000, 1000))))
    with Image.open(io.BytesIO(checked.preview)) as shown:
        assert shown.size == (1600, 400)
        assert not shown.getexif()
    assert b"Somebody" not in checked.preview


def test_a_pdf_preview_shows_at_most_three_pages() -> None:
    with Image.open(io.BytesIO(evidence.check(files.upload("a.pdf", files.pdf(5))).preview)) as shown:
        assert shown.height == pytest.approx(shown.width * 1.4 * 3, rel=0.02)


def test_a_zip_preview_is_the_beginning_of_the_chat() -> None:
    assert "Ada: hello 😀" in evidence.check(files.upload("chat.zip", files.zipped())).preview.decode()


@pytest.mark.parametrize(
    ("given", "tidied"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\shot.png", "shot.png"),
        ("x" * 300 + ".png", "x" * 96 + ".png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("", "file"),
    ],
)
def test_names_of_files_are_tidied(given: str, tidied: str) -> None:
    assert evidence.tidy_name(given) == tidied


@pytest.fixture
def constable(db: None) -> Person:
    return force()[0]


@pytest.fixture
def mine(client: Client, constable: Person) -> Client:
    client.force_login(constable)
    return client


def attach(person: Person, draft: Draft, name: str = "a.png", data: bytes | None = None) -> Attachment:
    checked = evidence.check(files.upload(name, data or files.picture()))
    evidence.attach(reporter=person, draft_id=draft.pk, files=[checked])
    return draft.attachments.latest("added_at")


def message_page(draft: Draft) -> str:
    return reverse("reporting:message", kwargs={"draft_id": draft.pk})


def test_a_file_is_kept_byte_for_byte(constable: Person) -> None:
    draft, data = a_draft(constable), files.with_place()
    kept = attach(constable, draft, "shot.jpg", data)
    assert open_file(kept.container, f"file-{kept.pk}") == data
    assert evidence.names([kept]) == {kept.pk: "shot.jpg"}


def test_a_file_attached_twice_is_kept_once(constable: Person) -> None:
    draft = a_draft(constable)
    attach(constable, draft)
    attach(constable, draft)
    assert draft.attachments.count() == 1


def test_the_eleventh_file_is_refused_in_words(constable: Person) -> None:
    draft = a_draft(constable)
    for number in range(10):
        attach(constable, draft, f"{number}.txt", str(number).encode())
    with pytest.raises(BadFile, match="You can attach 10 files"):
        attach(constable, draft, "11.txt", b"eleven")
    assert draft.attachments.count() == 10


def test_a_removed_file_leaves_nothing_behind(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    kept = attach(constable, draft)
    response = mine.post(message_page(draft), {"message": "Typed", "action": f"remove:{kept.pk}"})
    assert response["Location"] == f"{message_page(draft)}#files"
    assert not Attachment.objects.exists()
    assert not Item.objects.filter(name__contains=str(kept.pk)).exists()
    assert "Typed" in mine.get(message_page(draft)).content.decode()


@pytest.mark.parametrize("target", ["", "x", str(uuid.UUID(int=1))])
def test_removing_what_is_not_there_does_no_harm(target: str, mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    attach(constable, draft)
    assert mine.post(message_page(draft), {"action": f"remove:{target}"}).status_code in {302, 404}
    assert draft.attachments.count() == 1


def test_good_files_are_kept_where_another_is_refused(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    sent: dict[str, Any] = {**MESSAGE, "attachments": [files.upload("good.png", files.picture()), files.upload("bad.png", files.HTML)]}
    page = mine.post(message_page(draft), sent).content.decode()
    assert "“bad.png” isn&#x27;t what its name says it is" in page
    assert "good.png" in page
    assert "The words that were sent" in page
    assert draft.attachments.count() == 1


def test_attaching_stays_on_the_page_and_asks_for_nothing_else(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    response = mine.post(message_page(draft), {"action": "upload", "attachments": files.upload("a.png", files.picture())})
    assert response["Location"] == f"{message_page(draft)}#files"
    page = mine.post(message_page(draft), {"action": "upload", "attachments": files.upload("b.png", b"")}).content.decode()
    assert "“b.png” is empty" in page
    assert "Select which app" not in page


def test_a_file_alone_can_say_what_was_sent(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    sent = {**MESSAGE, "message": "", "attachments": files.upload("a.png", files.picture())}
    assert mine.post(message_page(draft), sent).status_code == 302


def test_a_preview_is_served_so_that_it_can_do_no_harm(mine: Client, constable: Person) -> None:
    draft = a_draft(constable)
    kept = attach(constable, draft)
    response = mine.get(reverse("reporting:draft_file", kwargs={"draft_id": draft.pk, "attachment_id": kept.pk}))
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert response["Content-Disposition"].startswith("inline")
    assert "no-store" in response["Cache-Control"]


def test_a_colleague_cannot_see_a_drafts_files_or_remove_them(client: Client, constable: Person) -> None:
    draft = a_draft(constable)
    kept = attach(constable, draft)
    client.force_login(PersonFactory())
    assert client.get(reverse("reporting:draft_file", kwargs={"draft_id": draft.pk, "attachment_id": kept.pk})).status_code == 404
    assert client.post(message_page(draft), {"action": f"remove:{kept.pk}"}).status_code == 404
    assert draft.attachments.exists()


def test_sending_hands_the_files_over_with_their_commitments(mine: Client, constable: Person) -> None:
    draft = full_draft(constable)
    kept = attach(constable, draft)
    report = sending.send_report(reporter=constable, draft_id=draft.pk)
    fact = Fact.objects.for_subject(report.subject)[0]
    assert json.loads(fact.sealed)[f"file-{kept.pk}"] == kept.commitment
    assert report.attachments.get() == kept
    address = reverse("reporting:report_file", kwargs={"reference": report.reference, "attachment_id": kept.pk})
    assert mine.get(address).status_code == 200
    mine.force_login(PersonFactory())
    assert mine.get(address).status_code == 404


def test_opening_an_original_is_a_fact_with_its_reason_sealed(constable: Person) -> None:
    draft, officer = full_draft(constable), PersonFactory()
    kept = attach(constable, draft, "shot.png", files.picture())
    report = sending.send_report(reporter=constable, draft_id=draft.pk)
    kept.refresh_from_db()
    original = evidence.original(person=officer, attachment=kept, why="To check the time")
    assert (original.name, original.data) == ("shot.png", files.picture())
    fact = Fact.objects.for_subject(report.consultations).latest("subject_seq")
    assert (fact.kind, fact.actor) == ("evidence.consulted", f"person:{officer.pk}")
    assert "To check the time" not in fact.leaf


def test_a_drafts_original_is_not_for_anybody_else(constable: Person) -> None:
    kept = attach(constable, a_draft(constable))
    with pytest.raises(ValueError, match="have not been sent"):
        evidence.original(person=PersonFactory(), attachment=kept, why="Curious")

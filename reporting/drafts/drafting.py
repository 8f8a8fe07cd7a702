"""Drafts: everything an officer typed, kept at every step, right or wrong, so that a dead battery loses nothing.

A draft is the officer's own. It is sealed, nobody else can open it, and the record says nothing about it until it is sent.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from portal.people.models import Person
from portal.postgres.base import rows
from portal.postgres.making import made
from portal.record.appending import now
from portal.vault.files import forget
from portal.vault.sealing import Missing, erase, open_container, read_text, seal
from reporting.models import KEPT_FOR, Draft, Report

PAGES = ("message", "people", "response")
SEALED_AS = "draft"
MOST = 20
COLUMNS = ("id", "reporter_id", "container", "step", "made_at", "saved_at")
LOCKED = f"SELECT {', '.join(COLUMNS)} FROM reporting_draft WHERE id = %s AND reporter_id = %s FOR UPDATE"  # noqa: S608 - names of columns


class DraftGone(Exception):
    """No such draft of this person: it was sent or discarded."""

    def __init__(self) -> None:
        super().__init__("This draft was sent or discarded. Start a new report, or look under your reports.")


class TooManyDrafts(Exception):
    def __init__(self) -> None:
        super().__init__(f"You have {MOST} drafts. Send one or discard one before you start another; what you typed here is not saved yet.")


@dataclass(slots=True)
class Page:
    """One page of a draft. `typed` is what the browser sent; `answers` is what it means, or None while something in it is wrong."""

    typed: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, Any] | None = None


def start_draft(*, reporter: Person, draft_id: uuid.UUID) -> Draft:
    """The draft with this key, made now unless it is there: the key comes from the page, so a button pressed twice makes one draft.

    Raises DraftGone where the key is somebody else's or that of a report already sent, and TooManyDrafts.
    """
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).only("pk").get(pk=reporter.pk)
        draft = Draft.objects.filter(pk=draft_id).first()
        if draft is None and not Report.objects.filter(pk=draft_id).exists():
            if drafts_of(reporter).count() >= MOST:
                raise TooManyDrafts
            return Draft.objects.create(pk=draft_id, reporter=reporter, container=open_container(purpose="report"))
        if draft is None or draft.reporter_id != reporter.pk:
            raise DraftGone
        return draft


def save_page(
    *, reporter: Person, draft_id: uuid.UUID, page: str, typed: Mapping[str, Sequence[str]], answers: Mapping[str, Any] | None
) -> dict[str, Page]:
    """Keep one page as it was typed, with its meaning where every field is right; return all pages. Raises DraftGone."""
    with transaction.atomic():
        draft = lock_draft(reporter=reporter, draft_id=draft_id)
        pages = read_pages(draft)
        pages[page] = Page({name: list(values) for name, values in typed.items()}, dict(answers) if answers is not None else None)
        forget(container=draft.container, names=[SEALED_AS])
        seal(container=draft.container, values={SEALED_AS: _to_json(pages)})
        Draft.objects.filter(pk=draft.pk).update(step=_furthest(draft.step, page, answers), saved_at=Now())
        return pages


def keeps_name_back(pages: Mapping[str, Page]) -> bool:
    """Whether the draft says by now that the reporter's name is to be kept back."""
    kept = pages.get("response")
    return kept is not None and (kept.answers or {}).get("confidential") is True


def setting_of(pages: Mapping[str, Page]) -> str:
    """What the first page says of a group or one person, right or wrong; empty where it says nothing yet."""
    kept = pages.get("message") or Page()
    return str((kept.answers or {}).get("setting") or "".join(kept.typed.get("setting", [])))


def discard_draft(*, reporter: Person, draft_id: uuid.UUID) -> None:
    """Erase a draft with its files. Raises DraftGone."""
    with transaction.atomic():
        _erase(lock_draft(reporter=reporter, draft_id=draft_id))


def discard_old() -> int:
    """Erase drafts that nobody saved for `KEPT_FOR`, by the database's clock; return how many. One being saved now is left alone."""
    before, discarded = now() - KEPT_FOR, 0
    old = Draft.objects.filter(saved_at__lt=before)
    for key in list(old.values_list("pk", flat=True)):
        with transaction.atomic():
            draft = old.select_for_update(skip_locked=True).filter(pk=key).first()
            if draft is not None:
                _erase(draft)
                discarded += 1
    return discarded


def _erase(draft: Draft) -> None:
    draft.attachments.all().delete()
    erase(draft.container)
    draft.delete()


def drafts_of(person: Person) -> QuerySet[Draft]:
    """This person's drafts, the latest first."""
    return Draft.objects.filter(reporter=person).order_by("-saved_at", "id")


def read_pages(draft: Draft) -> dict[str, Page]:
    """Every page that was saved, by name."""
    try:
        kept = read_text(draft.container, SEALED_AS)[SEALED_AS]
    except Missing:
        return {}
    return {name: Page(**page) for name, page in json.loads(kept).items()}


def lock_draft(*, reporter: Person, draft_id: uuid.UUID) -> Draft:
    """The draft, locked until the transaction ends. Raises DraftGone."""
    found = rows(LOCKED, [draft_id, reporter.pk])
    if not found:
        raise DraftGone
    return made(Draft, dict(zip(COLUMNS, found[0], strict=True)), {"reporter": reporter})


def _to_json(pages: Mapping[str, Page]) -> str:
    return json.dumps({name: {"typed": page.typed, "answers": page.answers} for name, page in pages.items()}, ensure_ascii=False)


def _furthest(step: str, page: str, answers: Mapping[str, Any] | None) -> str:
    """The furthest page reached: the one after `page` where `page` is right."""
    order = [*PAGES, "check"]
    reached = order.index(page) + (1 if answers is not None else 0)
    return order[max(order.index(step), reached)]

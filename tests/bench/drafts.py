"""Drafts ready to be sent, written in sets: what an officer has after the third page."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.vault.keys import NONCE_BYTES, new_data_key
from portal.vault.models import Container, Item
from portal.vault.sealing import SALT_BYTES, associated
from reporting.drafts.drafting import SEALED_AS, Page, _to_json
from reporting.models import Draft

MESSAGE = {
    "platform": "whatsapp", "setting": "group", "group_name": "Team four",
    "sent": "2026-03-01T22:10:00+00:00", "saw": "2026-03-02T06:10:00+00:00",
    "message": "Something that should not have been written about a colleague, with two more lines of it. " * 3, "categories": ["sexist"],
}  # fmt: skip
RESPONSE = {
    "challenged": "yes", "challenged_how": "I said that it was not right.", "still_in": "yes", "disappearing": "unsure", "victim": "no",
    "device": "force", "on_duty": "on", "at_risk_now": False, "confidential": False,
}  # fmt: skip


def ready(pairs: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> list[uuid.UUID]:
    """A finished draft for each (reporter, who sent the message); their ids in the same order."""
    made = [_draft(reporter, sender) for reporter, sender in pairs]
    Container.objects.bulk_create([container for container, _, _ in made], batch_size=1000)
    Item.objects.bulk_create([item for _, item, _ in made], batch_size=1000)
    Draft.objects.bulk_create([draft for _, _, draft in made], batch_size=1000)
    return [draft.pk for _, _, draft in made]


def _draft(reporter: uuid.UUID, sender: uuid.UUID) -> tuple[Container, Item, Draft]:
    people = {"sender_kind": "officer", "sender_person": str(sender), "named": [], "managers": "no"}
    pages = {"message": Page({}, MESSAGE), "people": Page({}, people), "response": Page({}, RESPONSE)}
    key, text = uuid.uuid4(), _to_json(pages).encode()
    data_key, wrapped = new_data_key(key)
    nonce, salt = os.urandom(NONCE_BYTES), os.urandom(SALT_BYTES)
    sealed = AESGCM(data_key).encrypt(nonce, salt + text, associated(key, SEALED_AS))
    item = Item(container_id=key, name=SEALED_AS, nonce=nonce, sealed=sealed, size=len(text))
    return Container(pk=key, purpose="report", wrapped_key=wrapped), item, Draft(reporter_id=reporter, container=key, step="check")

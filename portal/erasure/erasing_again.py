"""Erase again: a database that was put back from a backup brings back what was erased since. The record knows, and two people decided."""

from __future__ import annotations

import uuid

from django.db import transaction

from portal.erasure.models import Erasure
from portal.postgres.base import rows
from portal.record.appending import append, process_actor
from portal.record.models import Fact
from portal.requests.erased_before import DECIDED_BY_TWO, remember
from portal.vault.models import Container
from portal.vault.sealing import erase, open_container

BROUGHT_BACK = f"""
SELECT container.id, fact.id
FROM record_fact AS fact JOIN vault_container AS container ON container.id::text = fact.facts::jsonb ->> 'container'
WHERE fact.kind = 'words.erased' AND container.erased_at IS NULL AND {DECIDED_BY_TWO.format(chain="'words:' || container.id")}
"""  # noqa: S608 - constants


def erase_again() -> int:
    """Erase the words that the record says were erased and the vault still holds; return of how many. Nothing is the usual case."""
    return sum(_erase_again(container, fact_id) for container, fact_id in rows(BROUGHT_BACK))


def _erase_again(container: uuid.UUID, fact_id: int) -> bool:
    with transaction.atomic():
        if not Container.objects.select_for_update(no_key=True).filter(pk=container, erased_at__isnull=True).exists():
            return False
        fact = Fact.objects.get(pk=fact_id)
        erase(container)
        erasure = _row(container, fact)
        remember(erasure, fact, chain=erasure.requests)
        facts = {"erasure": fact.data["erasure"], "container": str(container), "of": fact.data["of"]}
        append(kind="words.erased_again", subject=fact.subject, actor=process_actor("worker"), facts=facts)
        return True


def _row(container: uuid.UUID, fact: Fact) -> Erasure:
    key, (kind, _, of) = uuid.UUID(fact.data["erasure"]), fact.data["of"].partition(":")
    return Erasure.objects.filter(pk=key).first() or Erasure(
        pk=key, kind=kind, key=of, words=container, container=open_container(purpose="erasure")
    )

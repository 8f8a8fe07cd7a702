"""Requests to erase sealed words, and what a second person decided."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import models

from portal.requests.asked import Asked, AskedErasure, AskedQuerySet, of_two
from portal.requests.choices import ErasureState


class ErasureQuerySet(AskedQuerySet["Erasure"]):
    def of(self, words: uuid.UUID) -> ErasureQuerySet:
        """Those of what is sealed in this container."""
        return self.filter(words=words)

    def done(self) -> ErasureQuerySet:
        return self.filter(state=ErasureState.DONE)

    def last_refused(self) -> Erasure | None:
        return self.filter(state=ErasureState.REFUSED).order_by("decided_at").last()

    def among(self, kind: str, keys: Iterable[str]) -> ErasureQuerySet:
        return self.filter(kind=kind, key__in=keys)


class Erasure(AskedErasure):
    """A request to erase everything that is sealed in one container, `words`: that of `key` among a room's `kind` (`kinds.Room`)."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=36)
    words = models.UUIDField()

    objects = ErasureQuerySet.as_manager()

    class Meta(Asked.Meta):
        constraints = of_two("words_erasure", of="words")
        indexes = [models.Index(fields=["kind", "key"], name="words_erasure_of")]

    def __str__(self) -> str:
        return f"erasure of {self.kind} {self.key}"

    @property
    def requests(self) -> str:
        """The chain of the facts about requests to erase these words."""
        return f"words:{self.words}"

"""Facts and the chains they stand in. Rows come in through a trigger that sets time, place and hash; nothing else writes here."""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from portal.record.leaves import leaf_of


class FactQuerySet(models.QuerySet["Fact"]):
    def for_subject(self, subject: str) -> FactQuerySet:
        return self.filter(subject=subject).order_by("subject_seq")

    def of_kind(self, *kinds: str) -> FactQuerySet:
        return self.filter(kind__in=kinds)

    def unsequenced(self) -> FactQuerySet:
        return self.filter(leaf_index__isnull=True)

    def sequenced(self) -> FactQuerySet:
        return self.filter(leaf_index__isnull=False).order_by("leaf_index")


class Fact(models.Model):
    """One thing that happened. The application gives the first five columns; PostgreSQL sets every other.

    `leaf` is the canonical JSON of the whole fact and `leaf_hash` is SHA-256(0x00 ‖ leaf), the leaf hash of RFC 6962, section 2.1.
    `prev` is the leaf hash of the fact before it about the same subject, 32 zeros at the first.
    """

    kind = models.TextField()
    subject = models.TextField()
    actor = models.TextField()
    facts = models.TextField(default="{}")
    sealed = models.TextField(default="{}")

    subject_seq = models.BigIntegerField()
    at = models.DateTimeField()
    prev = models.BinaryField(max_length=32)
    leaf_hash = models.BinaryField(max_length=32)
    leaf_index = models.BigIntegerField(null=True)
    leaf_version = models.SmallIntegerField(default=2, db_default=2)

    objects = FactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "subject_seq"], name="fact_subject_seq"),
            models.UniqueConstraint(fields=["leaf_index"], condition=models.Q(leaf_index__isnull=False), name="fact_leaf_index"),
        ]
        indexes = [
            models.Index(fields=["id"], name="fact_unsequenced", condition=models.Q(leaf_index__isnull=True)),
            models.Index(fields=["kind", "at"], name="fact_kind_at"),
        ]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} #{self.subject_seq}"

    @property
    def leaf(self) -> str:
        return leaf_of(self)

    @property
    def data(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.facts)
        return parsed


class Chain(models.Model):
    """The last link of each subject's chain: its number, hash and time; the row that writers about one subject wait for each other on."""

    subject = models.TextField(primary_key=True)
    seq = models.BigIntegerField()
    head = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.subject} at {self.seq}"


class TreeHead(models.Model):
    """The size and root of the tree after one batch was sequenced (RFC 6962, section 2.1)."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    frontier = models.BinaryField()  # roots of the perfect subtrees, largest first, 32 bytes each: what the next batch builds on
    at = models.DateTimeField()

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.size} leaves"

    @property
    def root_hex(self) -> str:
        return bytes(self.root).hex()


class Checkpoint(models.Model):
    """One signed checkpoint, as it was published. The same size is signed again while nothing happens, so that its time stays fresh."""

    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    note = models.TextField()  # c2sp.org/tlog-checkpoint@v1.0.0, with the log's own signatures
    signed_at = models.DateTimeField()  # what the log's cosignature says

    class Meta:
        default_permissions = ("view",)
        indexes = [models.Index(fields=["size", "id"], name="checkpoint_of_size")]

    def __str__(self) -> str:
        return f"checkpoint of {self.size} leaves"

    @property
    def root_hex(self) -> str:
        return bytes(self.root).hex()


class Cosignature(models.Model):
    """What a witness answered for one checkpoint (c2sp.org/tlog-cosignature@v1.0.0): one signature line."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures")
    witness = models.TextField()  # the name of its key
    line = models.TextField()
    at = models.DateTimeField()  # what the cosignature says

    class Meta:
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="cosignature_once")]

    def __str__(self) -> str:
        return f"{self.witness} on {self.checkpoint}"


class Stamp(models.Model):
    """The time stamp of a day's first checkpoint (RFC 3161): a token over the SHA-256 of the checkpoint's text."""

    day = models.DateField(primary_key=True)
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="stamps")
    authority = models.TextField()
    token = models.BinaryField()
    at = models.DateTimeField()  # what the token says

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"stamp of {self.day}"

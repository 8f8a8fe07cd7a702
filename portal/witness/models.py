"""How it stands with those who are asked: the last answer, the last trouble and the last alarm. What they signed is in the record."""

from __future__ import annotations

from django.db import models


class Standing(models.Model):
    """One witness, by the name of its key, or one time-stamping authority, by its host."""

    class Kind(models.TextChoices):
        WITNESS = "witness", "Witness"
        AUTHORITY = "authority", "Time-stamping authority"

    name = models.TextField(primary_key=True)
    kind = models.TextField(choices=Kind.choices)
    origin = models.TextField(default="", blank=True)  # the log whose tree of `size` it last signed
    size = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)  # what its last good signature says
    asked_at = models.DateTimeField()
    trouble = models.TextField(default="", blank=True)  # why the last time failed; empty where it did not
    alert = models.TextField(default="", blank=True)  # the last answer that should never be given; stays until another one
    alerted_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=["witness", "authority"]), name="standing_kind")]

    def __str__(self) -> str:
        return self.name

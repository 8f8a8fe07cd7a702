"""How long ago, and how long, in words."""

from __future__ import annotations

from django import template

from portal.watch import telling

register = template.Library()


@register.filter
def spoken(seconds: float) -> str:
    return telling.spoken(seconds)


@register.filter
def ago(seconds: float) -> str:
    return f"{telling.spoken(seconds)} ago"

"""What two answers may differ in by nature: tokens, keys and salts that are drawn, and the time at which they were given.

Each is replaced by what it is and its number on the page, so that one more of it still shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
DAY = rf"(?:today|yesterday|tomorrow|\d{{1,2}} {MONTH}(?: \d{{4}})?)"
NUMBERED = {
    "reference": re.compile(r"MR-[2-9A-Z]{4}-[2-9A-Z]{4}"),
    "key": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "drawn": re.compile(r"(?<![A-Za-z0-9+/=_-])(?=[A-Za-z0-9+/_-]*\d)[A-Za-z0-9+/_-]{32,}={0,2}"),
}
TIMES = [
    re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"),
    re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?"),
    re.compile(rf"\b(?:\d{{1,2}}(?::\d\d)?(?:am|pm)|midday|midnight)(?:,? {DAY})?"),  # on the hour there are no minutes
    re.compile(r"\d{1,2}:\d\d(?::\d\d)? ?(?:a\.m\.|p\.m\.)"),
    re.compile(r"less than a minute|\d+ (?:second|minute|hour|day)s?(?:,? (?:and )?\d+ (?:second|minute|hour)s?)?"),
    re.compile(r"\b\d+ s\b"),
    re.compile(r"\b(?:midnight|noon|\d\d:\d\d:\d\d)\b"),
    re.compile(r"object at 0x[0-9a-f]+"),
]
# A statement of duty says otherwise of a stretch that began and ended in one minute: whether it did is when it was asked for.
WITHIN_A_MINUTE = {
    "within the minute of <time>": "between <time> and <time>",
    "held the duty to act at <time>, the minute of this statement": "held the duty to act from <time> and still held it at <time>",
}
DRAWN_ATTRIBUTES = re.compile(r'((?:csrfmiddlewaretoken" value|nonce|name="key" value)=")[^"]*')
HEADERS = ("Content-Type", "Location", "Content-Disposition", "Cache-Control", "Refresh", "Vary", "Allow")


def masked(text: str) -> str:
    """`text` without what is drawn and without times."""
    text = DRAWN_ATTRIBUTES.sub(r"\1drawn", text)
    for name, pattern in NUMBERED.items():
        text = pattern.sub(_numbering(name), text)
    for pattern in TIMES:
        text = pattern.sub("<time>", text)
    for brief, stretch in WITHIN_A_MINUTE.items():
        text = text.replace(brief, stretch)
    return text


def _numbering(name: str) -> Callable[[re.Match[str]], str]:
    seen: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"<{name} {seen.setdefault(found[0], len(seen) + 1)}>"

    return number

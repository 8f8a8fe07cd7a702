"""What every channel is given and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from portal.people.models import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is told. `key` is the same at every attempt: a second copy shows itself by it. `again`: an earlier attempt may have gone out."""

    key: str
    title: str
    text: str
    address: str
    urgent: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The channel has it. `told`: that is all it takes to say that the person was told. `provider_id`: what it calls it."""

    told: bool
    provider_id: str = ""


class NotNow(Exception):
    """It did not go, and may later; the text says why, without names or addresses."""


class Refused(Exception):
    """It will never go this way. `bounced`: because of the address, which is then not used for a while."""

    def __init__(self, why: str, *, bounced: bool = False) -> None:
        super().__init__(why)
        self.bounced = bounced


class Channel(Protocol):
    def send(self, letter: Letter, to: Person, address: str) -> Taken:
        """Raises NotNow and Refused."""

    def close(self) -> None: ...

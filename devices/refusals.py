"""Why a handset could not be claimed, handed back, moved or found. Each is a sentence for the person who asked."""

from __future__ import annotations

from devices.models import Custody, Handset, Oddity
from portal.people.models import Person


class Refused(Exception):
    """Nothing changed; the sentence says why and what to do."""


class UnknownTag(Refused):
    def __init__(self) -> None:
        super().__init__("There is no handset with this asset tag. Check the tag on its label.")


class WrongDigits(Refused):
    def __init__(self) -> None:
        super().__init__("These are not the last four digits of this handset’s IMEI. Dial *#06# on it and read them again.")


class TooManyTries(Refused):
    def __init__(self) -> None:
        super().__init__("You have given the wrong digits too many times. Wait 15 minutes, or ask your stores.")


class TermsChanged(Refused):
    def __init__(self) -> None:
        super().__init__("The terms of issue changed while you were reading. Read them again and accept them.")


class HoldsAnother(Refused):
    """They hold `handset` already, and nobody holds two."""

    def __init__(self, handset: Handset) -> None:
        self.handset = handset
        super().__init__(f"You hold handset {handset.asset_tag} already. Hand it back before you claim another.")


class TheyHoldAnother(Refused):
    def __init__(self, handset: Handset) -> None:
        self.handset = handset
        super().__init__(f"They hold handset {handset.asset_tag} already. Confirm its return before you allot them another.")


class AlreadyYours(Refused):
    def __init__(self, custody: Custody) -> None:
        self.custody = custody
        super().__init__("You have claimed this handset already.")


class NotYours(Refused):
    """The handset is not this person's to claim: `oddity` says why, `ask` is its holder, or whom it is allotted to."""

    SENTENCES = {
        Oddity.HELD: "This handset is claimed by somebody else.",
        Oddity.ALLOTTED: "This handset is allotted to somebody else.",
        Oddity.MISSING: "This handset was reported lost or stolen.",
        Oddity.NOT_READY: "This handset was handed back and is not in stock yet.",
        Oddity.RETIRED: "This handset is retired.",
    }

    def __init__(self, oddity: Oddity, handset: Handset, ask: Person | None = None) -> None:
        self.oddity, self.handset, self.ask = oddity, handset, ask
        super().__init__(self.SENTENCES[oddity])


class HoldsNone(Refused):
    def __init__(self) -> None:
        super().__init__("You do not hold a handset.")


class WrongState(Refused):
    """The handset is somewhere else in its life than the step needs, often because a colleague was quicker."""

    def __init__(self, handset: Handset) -> None:
        self.handset = handset
        super().__init__(f"Handset {handset.asset_tag} is now marked “{handset.get_state_display()}”, so this cannot be done to it.")


class AlreadyClosed(Refused):
    def __init__(self) -> None:
        super().__init__("This discrepancy is closed already.")

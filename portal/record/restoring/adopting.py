"""Give a signer that lost its state the newest checkpoint that was published, once it is found good."""

from __future__ import annotations

import re

from django.conf import settings

from portal.record import keys, places, published, standing, state
from portal.record.checkpoints import Checkpoint, parse_signed
from portal.record.notes import COSIGNATURE, BadNote, Key, signed_by
from portal.record.restoring.owning import Refused


def newest_signed() -> state.Signed:
    """The newest published checkpoint as a signer's state. Raises Refused unless the log signed it and the database holds its tree."""
    kept = published.last()
    if kept is None:
        raise Refused("No checkpoint was ever published, so there is nothing to take up. Start the clock.")
    try:
        checkpoint, note = parse_signed(kept.note)
        log = [*_log_keys(checkpoint), *(key for key in keys.retired_keys() if key.name == checkpoint.origin)]
        timed = [Key(key.name, COSIGNATURE, key.public) for key in log]
        times = [at for at in signed_by(note, [*log, *timed]).values() if at]
    except BadNote as error:
        raise Refused(f"The newest published checkpoint is not good ({error}). Open a new shard with --new-shard.") from error
    if not times:
        raise Refused(
            "The newest published checkpoint is not signed by the log key in RECORD_DIR/keys. Put that key back from its safe; where it is "
            "lost, open a new shard with --new-shard."
        )
    if found := standing.contradiction(checkpoint.size, checkpoint.root):
        raise Refused(f"The newest published checkpoint cannot be taken up: {found.text}. Put back a newer backup of the database.")
    return state.Signed(shard_of(checkpoint.origin), checkpoint.size, checkpoint.root, max(times), kept.note)


def adopt(signed: state.Signed) -> None:
    """Write it as the signer's state; an unreadable one is kept beside it."""
    if places.state().exists():
        places.state().rename(places.home() / "signer.unreadable.json")
    state.put_right(places.state(), signed)
    standing.forget()


def shard_of(origin: str) -> int:
    """The number at the end of a later shard's origin."""
    found = re.fullmatch(r".+/record/([2-9]|[1-9][0-9]+)", origin) or re.fullmatch(re.escape(settings.RECORD_ORIGIN) + r"/(\d+)", origin)
    return int(found[1]) if found else 1


def _log_keys(checkpoint: Checkpoint) -> list[Key]:
    return [key for name in (keys.LOG, keys.NEXT) if (key := keys.public(name, checkpoint.origin))]

from __future__ import annotations

import pytest

from portal.record.verifier.tests.fuzzing import Accepted, fuzz, judge
from portal.record.verifier.tests.sample_record import story, written

PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_no_bit_of_a_receipt_can_change_unseen(part: int) -> None:
    record = story()
    good = written(record.receipt(1, witnessed=True))
    keys = record.signer.vkeys()
    codes = set()
    for bit in range(part, len(good) * 8, PARTS):
        changed = bytearray(good)
        changed[bit // 8] ^= 1 << bit % 8
        codes.add(judge(bytes(changed), keys))
    assert codes >= {"form", "unknown", "signature", "swapped_proof", "swapped_words", "swapped_value"}


def test_no_bit_of_a_promise_can_change_unseen() -> None:
    record = story()
    good, keys = written(record.pending(5)), record.signer.vkeys()
    for bit in range(len(good) * 8):
        changed = bytearray(good)
        changed[bit // 8] ^= 1 << bit % 8
        assert judge(bytes(changed), keys) != "good"


@pytest.mark.parametrize("seed", range(4))
def test_what_is_spoilt_is_refused_in_words(seed: int) -> None:
    told = fuzz(5_000, seed)
    assert sum(told.values()) == 5_000
    assert len(told) >= 10


def test_the_fuzzer_sees_what_is_accepted() -> None:
    with pytest.raises(Accepted, match="receipt/v1"):
        judge(written(story().receipt(1)), story().signer.vkeys())

from __future__ import annotations

from threading import Event

import pytest

from portal.witness.rounds import Beside


def test_what_is_under_way_beside_the_clock_is_neither_waited_for_nor_begun_twice(caplog: pytest.LogCaptureFixture) -> None:
    begun, go_on = Event(), Event()

    def work() -> int:
        begun.set()
        go_on.wait(10)
        return 1

    beside = Beside("waiting", work)
    assert beside.start() == 1
    assert begun.wait(10)
    assert beside.start() == 0
    assert not beside.join(0)
    go_on.set()
    assert beside.join(10)
    assert beside.start() == 1
    assert beside.join(10)


@pytest.mark.parametrize(("error", "sentence"), [(OSError("away"), "failed and will be tried"), (ValueError("odd"), "is broken")])
def test_what_fails_beside_the_clock_is_logged_and_begun_again(error: Exception, sentence: str, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> int:
        raise error

    beside = Beside("a round", fail)
    for _ in range(2):
        assert beside.start() == 1
        assert beside.join(10)
    assert caplog.text.count(sentence) == 2

"""`make tamper` fails where it found what it stands for nowhere but in the exporter's own word, and where it tried too little."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import pytest

from tests.tamper.__main__ import EXPORTS, MUTATIONS, TRIED, enough, told


def answers(tried: int = TRIED, exports: int = EXPORTS, **changed: Any) -> list[dict[str, Any]]:
    found = {"tried": tried, "missed": [], "exporter": [], "kinds": 3, "operations": 4, "signed": tried, "rows": 0, "codes": {}}
    calm = {"exports": exports, "alarms": [], "facts": 9}
    return [{**found, **{key: value for key, value in changed.items() if key in found}}, calm, {"fuzzed": 5, "sentences": 2}]


@pytest.mark.parametrize(
    ("changed", "good"), [({}, True), ({"exporter": ["a mutation"]}, False), ({"missed": ["a mutation"]}, False), ({"tried": 0}, False)]
)
def test_what_the_exporter_alone_had_seen_is_as_bad_as_what_nobody_saw(changed: dict[str, Any], good: bool) -> None:
    assert told(answers(**changed)) is good


@pytest.mark.parametrize(
    ("tried", "exports", "asked", "good"),
    [
        (TRIED, EXPORTS, MUTATIONS, True),
        (TRIED - 1, EXPORTS, MUTATIONS, False),
        (TRIED, EXPORTS - 1, MUTATIONS, False),
        (40, EXPORTS, 50, True),
    ],
)
def test_a_whole_run_that_tried_too_little_fails(tried: int, exports: int, asked: int, good: bool) -> None:
    assert enough(answers(tried, exports), Namespace(mutations=asked, exports=EXPORTS)) is good

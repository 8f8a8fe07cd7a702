from __future__ import annotations

import json
from typing import Any

import pytest

from portal.record.verifier import candour_verify
from portal.record.verifier.tests.sample_record import NOW, story, written
from portal.record.verifier.tests.vectors import HOME, Vector, files, vectors

VECTORS = list(vectors())
PUBLISHED: dict[str, list[dict[str, Any]]] = json.loads((HOME / "published.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_each_vector_is_judged_by_the_sentence_it_was_made_for(vector: Vector) -> None:
    code, sentences = vector.judged()
    assert code == vector.code, sentences
    assert all(sentences)


def test_the_files_are_what_the_generator_makes() -> None:
    assert {name: (HOME / name).read_text() for name in files()} == files()


def test_there_are_many_bad_vectors_and_most_sentences_decide_one() -> None:
    assert len([vector for vector in VECTORS if vector.code != "good"]) >= 80
    assert len({vector.code for vector in VECTORS}) >= 25


@pytest.mark.parametrize("case", PUBLISHED["ed25519"], ids=lambda case: case["source"])
def test_ed25519_is_as_strict_as_rfc_8032(case: dict[str, Any]) -> None:
    public, message, signature = (bytes.fromhex(case[name]) for name in ("public", "message", "signature"))
    assert candour_verify.ed25519_verify(public, message, signature) is case["good"]


def test_notes_that_others_signed_are_good_and_stop_being_so() -> None:
    for case in PUBLISHED["signed"]:
        key = candour_verify.parse_key(case["key"])
        text, (line,) = candour_verify.parse_note(case["note"])
        assert candour_verify.check_line(text, line, key) == 0
        with pytest.raises(candour_verify.Bad, match="is not good"):
            candour_verify.check_line(text.replace("cryptography", "Cryptography"), line, key)


def test_examples_of_the_texts_are_read() -> None:
    note, checkpoint = (case["note"] for case in PUBLISHED["forms"])
    assert candour_verify.parse_note(note)[0].endswith("\ned è subito sera.\n")
    assert (candour_verify.parse_checkpoint(checkpoint).size, len(candour_verify.parse_checkpoint(checkpoint).lines)) == (20_852_163, 2)


def test_trees_have_the_roots_that_others_published() -> None:
    for case in PUBLISHED["trees"]:
        tree = candour_verify.Tree()
        for leaf, root in zip(case["leaves"], case["roots"], strict=True):
            tree.extend([candour_verify.leaf_hash(bytes.fromhex(leaf))])
            assert tree.root().hex() == root


def test_no_control_character_of_a_file_reaches_the_terminal() -> None:
    assert candour_verify.shown("a\x1b[31mb\r\nc\u202ed") == "a�[31mb c�d"
    assert candour_verify.shown("x" * 3_000) == "x" * 2_000 + "…"


def test_a_receipt_is_small() -> None:
    assert len(written(story().receipt(1, witnessed=True))) < 4_000


def test_without_a_time_the_computers_clock_counts() -> None:
    old = candour_verify.verify_receipt(written(story().receipt(1)), keys=story().signer.vkeys(), now=None, max_age=0)
    assert old.code in ("stale", "future_signed"), "NOW is a fixed day"
    assert candour_verify.verify_receipt(written(story().receipt(1)), keys=story().signer.vkeys(), now=NOW).good

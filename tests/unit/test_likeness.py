"""Likeness of texts, with the real model."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from embedded import likeness
from embedded.engines.wordpieces import WordPieces
from embedded.likeness import Likeness, similarity

QUESTIONS = {
    "How do I stop an answer?": "Can I cancel a reply that is still being written?",
    "Where is my data kept?": "In which place do you store what I typed?",
    "How do I sign out?": "I want to log off.",
    "Which browsers are supported?": "Does it work in Firefox and Safari?",
    "What does it cost?": "How much do I have to pay for it?",
}
"""A question and another way to ask it. What the model was chosen by were twenty of these: MiniLM found 19 of
them, averaged word vectors 13, letters and words no more than 4."""


@pytest.fixture(scope="module")
def minilm() -> Iterator[Likeness]:
    made = Likeness()
    assert made.name == "all-MiniLM-L6-v2"
    yield made
    made.close()


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Likeness:
    monkeypatch.setattr(likeness, "find_spec", lambda name: None)
    return Likeness()


def found(by: Likeness) -> int:
    """How many of the paraphrases are nearest to the question that they stand for."""
    stored = by.vectors(list(QUESTIONS))
    asked = by.vectors(list(QUESTIONS.values()))
    nearest = [max(range(len(stored)), key=lambda i: similarity(each, stored[i])) for each in asked]
    return sum(place == near for place, near in enumerate(nearest))


def test_finds_the_question_in_other_words(minilm: Likeness) -> None:
    assert found(minilm) == len(QUESTIONS)


def test_agrees_with_the_reference(minilm: Likeness) -> None:
    """Against the same file run by onnxruntime, with the tokenizer that belongs to it."""
    one, other, far = minilm.vectors(
        ["How do I stop an answer?", "How can I cancel a running reply?", "The weather is nice."]
    )
    assert similarity(one, other) == pytest.approx(0.626776, abs=2e-5)
    assert similarity(one, far) == 0.0
    assert list(one[:4]) == pytest.approx(REFERENCE, abs=1e-5)


REFERENCE = [-0.03661, 0.067598, -0.003489, 0.018552]


@pytest.mark.parametrize("kind", ["minilm", "letters"])
def test_vectors(kind: str, request: pytest.FixtureRequest) -> None:
    by: Likeness = request.getfixturevalue(kind)
    texts = ["Stop it!", "stop  IT! ", "Größe → 5 €", "你好，世界", "word " * 2000, "🙂", ""]
    vectors = by.vectors(texts)
    assert vectors == by.vectors(texts), "the same at every call"
    assert vectors[2:] == [by.vectors([text])[0] for text in texts[2:]], "and in every company"
    assert similarity(vectors[0], vectors[1]) == 1.0
    for each in vectors[:5]:
        assert len(each) == 384
        assert math.fsum(x * x for x in each) == pytest.approx(1, abs=1e-5)
        assert similarity(each, each) == 1.0
    assert by.vectors([]) == []


def test_more_texts_than_go_together(minilm: Likeness) -> None:
    texts = [f"Question number {number}" for number in range(likeness.TOGETHER + 3)]
    vectors = minilm.vectors(texts)
    assert len(vectors) == len(texts)
    assert vectors[-1] == minilm.vectors(texts[-1:])[0]


def test_letters_find_the_same_words_and_say_what_they_are(letters: Likeness) -> None:
    assert letters.name == "letters-3-5"
    assert letters.provider == "embedded"
    one, near, far = letters.vectors(["How do I stop an answer?", "How do I stop answers", "Nice weather."])
    assert similarity(one, near) > 0.7 > 0.3 > similarity(one, far)
    assert found(letters) < len(QUESTIONS)


def test_no_engine_runs_before_the_first_text() -> None:
    made = Likeness()
    assert made._engine is not None and made._engine.pid is None


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("How do I stop an answer?", [101, 2129, 2079, 1045, 2644, 2019, 3437, 1029, 102]),
        ("你好 ok", [101, 100, 100, 7929, 102]),
        ("", [101, 102]),
        ("a" * 200, [101, 100, 102]),
    ],
)
def test_word_pieces_as_the_reference_cuts_them(text: str, numbers: list[int]) -> None:
    assert WordPieces().of(text) == numbers


def test_a_long_text_is_cut_to_what_the_model_takes() -> None:
    assert len(WordPieces().of("fox " * 1000)) == 256

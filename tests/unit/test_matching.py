"""Annotation reply: which annotation a question gets, and that its vectors are made once."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from embedded import annotation_reply
from embedded.backend import Backend
from embedded.database import Database
from embedded.likeness import TOGETHER, Likeness, Vector
from embedded.matching import Matcher
from embedded.tables.annotations import Annotations
from embedded.tables.vectors import Vectors

APP, OTHER = "an app", "another app"


class Counted(Likeness):
    """Likeness that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def vectors(self, texts: Sequence[str]) -> list[Vector]:
        self.asked += texts
        return super().vectors(texts)


@pytest.fixture
def likeness() -> Iterator[Counted]:
    made = Counted()
    yield made
    made.close()


class Bench:
    """The tables in a file, opened anew as often as wanted."""

    def __init__(self, path: Path, likeness: Likeness) -> None:
        self.database = Database(path)
        self.annotations = Annotations(self.database)
        self.matcher = Matcher(self.annotations, Vectors(self.database), likeness)

    def switch_on(self, threshold: float) -> None:
        self.database.write(
            "INSERT OR REPLACE INTO annotation_replies (app_id, id, threshold, provider, model)"
            " VALUES (?, 'reply', ?, 'embedded', 'any')",
            APP,
            threshold,
        )

    def answer(self, query: str) -> str | None:
        found = self.matcher.match(APP, query)
        return found.answer if found else None


@pytest.fixture
def bench(tmp_path: Path, likeness: Counted) -> Iterator[Bench]:
    made = Bench(tmp_path / "annotations.sqlite3", likeness)
    yield made
    made.database.close()


def test_nearest_of_this_app_above_the_threshold(bench: Bench) -> None:
    bench.annotations.create(APP, "How do I stop an answer?", "Press Stop.")
    bench.annotations.create(APP, "What does it cost?", "Nothing.")
    bench.annotations.create(OTHER, "How do I stop a running reply?", "Not yours.")
    bench.annotations.create(APP, " \n", "Blank.")
    assert bench.answer("How do I stop an answer?") is None, "it is off"
    bench.switch_on(0.6)
    assert bench.answer("How can I cancel a running reply?") == "Press Stop."
    assert bench.answer("How much does it cost?") == "Nothing."
    assert bench.answer("The weather is nice.") is None
    bench.switch_on(1)
    assert bench.answer("How can I cancel a running reply?") is None
    assert bench.answer(" how do I STOP an answer? ") == "Press Stop."


def test_a_question_that_changes_or_goes(bench: Bench) -> None:
    bench.switch_on(0.9)
    made = bench.annotations.create(APP, "How do I stop an answer?", "Press Stop.")
    assert bench.answer("How do I stop an answer?") == "Press Stop."
    bench.annotations.update(made.id, "What does it cost?", "Nothing.")
    assert bench.answer("How do I stop an answer?") is None
    assert bench.answer("What does it cost?") == "Nothing."
    bench.annotations.delete(made.id)
    assert bench.answer("What does it cost?") is None


def test_vectors_are_made_once(bench: Bench, tmp_path: Path, likeness: Counted) -> None:
    questions = [f"What is number {number}?" for number in range(TOGETHER + 5)]
    for question in questions:
        bench.annotations.create(APP, question, question)
    bench.switch_on(1)
    bench.matcher.index(APP)
    assert likeness.asked == questions
    again = Bench(tmp_path / "annotations.sqlite3", likeness)
    assert again.answer(questions[-1]) == questions[-1]
    assert likeness.asked == [*questions, questions[-1]]
    again.database.close()


def test_another_model_makes_its_own(
    bench: Bench, likeness: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.switch_on(1)
    bench.annotations.create(APP, "What does it cost?", "Nothing.")
    assert bench.answer("What does it cost?") == "Nothing."
    monkeypatch.setattr(likeness, "_engine", None)
    assert bench.answer("What does it cost?") == "Nothing."


def test_without_its_engine_nothing_is_matched(bench: Bench, likeness: Counted) -> None:
    bench.switch_on(0)
    bench.annotations.create(APP, "What does it cost?", "Nothing.")
    likeness.close()
    assert bench.answer("What does it cost?") is None


def test_a_job_whose_engine_fails_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Backend(tmp_path, "key", environ={})
    backend.annotations.create(APP, "What does it cost?", "Nothing.")
    job = backend.jobs.add(APP, "enable", 0.9, "embedded", "any")
    engine = backend.likeness._engine
    assert engine is not None
    monkeypatch.setattr(engine, "_command", [sys.executable, "-c", "raise SystemExit(1)"])
    annotation_reply._work(backend)
    done = backend.jobs.one(APP, "enable", job.id)
    assert done is not None and (done.status, backend.annotations.settings(APP)) == ("error", None)
    assert done.error == "The embedding model failed: the engine died twice over the same request"


def test_a_job_that_the_end_interrupts_is_done_later(tmp_path: Path) -> None:
    backend = Backend(tmp_path, "key", environ={})
    backend.annotations.create(APP, "What does it cost?", "Nothing.")
    backend.jobs.add(APP, "enable", 0.9, "embedded", "any")
    backend.likeness.close()
    annotation_reply._work(backend)
    assert [job.status for job in Backend(tmp_path, "key", environ={}).jobs.waiting()] == ["waiting"]

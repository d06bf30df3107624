"""Questions that are alike by what they mean, with the real model in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from services.database import Memory
from services.gaps import likeness, meanings
from services.gaps.engine import Engine, Unusable, installed
from services.gaps.meanings import Meanings
from services.gaps.miss import Gap, Miss, grouped
from services.store import Store
from tests.site import until

ENGLISH = (
    ("How do I reset my password?", "I forgot my password"),
    ("What are your opening hours?", "When are you open on Saturday?"),
    ("The app crashes on start", "application does not start on my phone"),
    ("Do you offer student discounts?", "Is there a reduced price for students?"),
)
OTHERS = (
    "Wie kündige ich mein Abo?",
    "Ich will meine Mitgliedschaft beenden",
    "Wo ist mein Paket?",
    "怎么重置密码？",
    "怎么取消订阅？",
    "我的包裹在哪里？",
)


def missed(*questions: str) -> list[Miss]:
    return [
        Miss(text, "failed", "app", f"m-{number}", float(number)) for number, text in enumerate(questions)
    ]


def sets(gaps: tuple[Gap, ...]) -> set[frozenset[str]]:
    return {frozenset(gap.phrasings) for gap in gaps}


@pytest.fixture
def known() -> Iterator[Meanings]:
    assert installed()
    made = Meanings(Memory(), Engine)
    yield made
    made.close()


def learnt(known: Meanings, *questions: str) -> dict[str, bytes]:
    keys = [likeness.key(question) for question in questions]
    known.of(keys)
    until(lambda: known.way == "meaning", "the vectors")
    return known.of(keys)


def test_a_look_takes_what_there_is_and_the_next_one_knows_more(known: Meanings) -> None:
    questions = [question for family in ENGLISH for question in family] + list(OTHERS)
    first = grouped(missed(*questions), known.of)
    assert sets(first) == sets(grouped(missed(*questions))), "nobody waits"
    assert known.way == "learning"
    until(lambda: known.way == "meaning", "the vectors")
    found = sets(grouped(missed(*questions), known.of))
    assert found == {*map(frozenset, ENGLISH), *(frozenset({each}) for each in OTHERS)}
    turned = sets(grouped(reversed(missed(*questions)), known.of))
    assert turned == found, "the same in every order"


def test_other_languages_are_grouped_as_by_letters(known: Meanings) -> None:
    vectors = learnt(known, *OTHERS)
    assert not any(likeness.key(each) in vectors for each in OTHERS[-3:])
    keys = {likeness.key(each): 1 for each in OTHERS}
    assert likeness.groups(keys, vectors) == likeness.groups(keys)
    assert "where is my parcel" in learnt(known, "Where is my parcel?")


def test_vectors_are_kept_and_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Engine:
        raise AssertionError("they are there")

    store.ready()
    known, again = (Meanings(store.database, engine) for engine in (Engine, none))
    made = learnt(known, *ENGLISH[0])
    assert again.of(list(made)) == made
    assert again.way == "meaning"
    monkeypatch.setattr(meanings, "KEPT", 3)
    monkeypatch.setattr(meanings, "TOGETHER", 2)
    learnt(known, *ENGLISH[1])
    assert len(again._kept(list(made))) < len(made)
    known.close()


def test_the_engine_is_of_the_lowest_priority_and_ends(known: Meanings) -> None:
    engine = Engine()
    assert os.getpriority(os.PRIO_PROCESS, engine._process.pid) == 19
    (vector,) = engine.vectors(["where is my parcel"])
    assert len(vector) == 384
    engine.close()
    with pytest.raises(Unusable):
        engine.vectors(["where is my parcel"])
    assert engine._process.poll() is not None


def test_an_engine_that_fails_leaves_the_letters() -> None:
    def broken() -> Engine:
        raise Unusable("not here")

    made = Meanings(Memory(), broken)
    assert made.of(["where is my parcel"]) == {}
    until(lambda: made.way == "letters", "the failure")
    assert made.of(["where is my parcel"]) == {}
    made.close()

"""Gaps: which questions got no good answer, how they are grouped, and what becomes of each group."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.annotations.cases import Cases
from services.annotations.curation import Curations
from services.apps import App
from services.dify.client import Client
from services.dify.parts import AnnotationReply
from services.dify.patience import Patience
from services.gaps import likeness
from services.gaps.gaps import Gaps
from services.gaps.miss import Gap, Miss, grouped
from services.gaps.phrases import Listener
from services.gaps.sources import disliked, unanswered
from services.identity import Denied, Identity, Role
from services.numbers.numbers import Numbers
from services.numbers.period import Period
from services.outcome import Failure, Rating
from services.rope import Rope
from services.store import Store
from tests.annotated import Annotated
from tests.unit.test_numbers import NOON, asked

ADA = Identity("ada", Role.CURATOR)
AGENT = Identity("eve", Role.AGENT)
WEEK = Period(date(2025, 11, 17), date(2026, 11, 23), UTC)
FAMILIES = (
    ("How do I cancel my order?", "How can I cancel an order", "cancel order please", "CANCEL my order!!"),
    ("reset password", "How do I reset my password?", "password reset not working"),
    ("What are your opening hours?", "opening hours on Sunday"),
    ("Wie kann ich meine Bestellung stornieren?", "Bestellung stornieren"),
    ("取消订单", "怎么取消订单？"),
    ("Do you ship to Switzerland?",),
    ("What is 5 + 5?", "what is 5 5"),
    ("What is 12 * 3?",),
    ("???",),
)


def miss(question: str, number: int, **known: Any) -> Miss:
    return Miss(
        question, **{"why": "dislike", "app": "app", "message_id": f"m{number}", "at": float(number)} | known
    )


# Grouping


def test_questions_that_mean_the_same_are_one_group() -> None:
    questions = [question for family in FAMILIES for question in family]
    gaps = grouped(miss(question, number) for number, question in enumerate(questions))
    assert {frozenset(each.question for each in gap.misses) for gap in gaps} == set(map(frozenset, FAMILIES))
    assert gaps[0].question in FAMILIES[0]


def test_what_is_asked_most_stands_for_its_group() -> None:
    gaps = grouped([miss("cancel order please", 0), *(miss("How do I cancel my order?", n) for n in (1, 2))])
    assert [(gap.question, dict(gap.phrasings)) for gap in gaps] == [
        ("How do I cancel my order?", {"How do I cancel my order?": 2, "cancel order please": 1})
    ]


WORDS = ("order", "invoice", "refund", "parcel", "account", "password", "取消", "订单", "é", "?", "I")
QUESTIONS = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join) | st.text(max_size=20)
MISSES = st.lists(
    st.builds(
        Miss,
        QUESTIONS,
        st.sampled_from(["dislike", "failed", "unknown"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from([f"m{number}" for number in range(12)]),
        st.integers(0, 5).map(float),
    ),
    max_size=30,
)


@given(MISSES, st.randoms(use_true_random=False))
def test_the_same_misses_give_the_same_groups_in_any_order(misses: list[Miss], chance: random.Random) -> None:
    shuffled = list(misses)
    chance.shuffle(shuffled)
    assert grouped(shuffled) == grouped(misses)


@given(MISSES)
def test_every_miss_is_in_one_group_once(misses: list[Miss]) -> None:
    gaps = grouped(misses)
    ids = [(each.app, each.message_id) for gap in gaps for each in gap.misses]
    blank = {(each.app, each.message_id) for each in misses if not each.question.strip()}
    assert len(ids) == len(set(ids))
    assert set(ids) | blank == {(each.app, each.message_id) for each in misses}
    assert [len(gap.misses) for gap in gaps] == sorted((len(gap.misses) for gap in gaps), reverse=True)
    assert all(sum(gap.phrasings.values()) == len(gap.misses) for gap in gaps)


@given(st.dictionaries(QUESTIONS.map(likeness.key).filter(bool), st.integers(1, 5), max_size=40))
def test_small_blocks_lose_nobody(counts: dict[str, int]) -> None:
    whole = likeness.groups(counts)
    before, likeness.BLOCK = likeness.BLOCK, 3
    try:
        parts = likeness.groups(counts)
    finally:
        likeness.BLOCK = before
    for found in (whole, parts):
        assert sorted(key for group in found for key in group) == sorted(counts)
    assert all(group[0] == max(group, key=lambda each: counts[each]) or counts[group[0]] == max(
        counts[each] for each in group) for group in whole)  # fmt: skip


# Where misses come from


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    store = opened()
    Numbers(store)  # counts
    return store


def test_which_answers_are_none(store: Store) -> None:
    whole = {"text": Rope("Press *Cancel*.")}
    late = Rope(
        "A long answer that was read for a while, and stopped when it was clear what it would say. " * 2
    )
    asked(store, 0, **whole)
    asked(store, 1, state="failed", error=Failure("x"))
    asked(store, 2, state="incomplete", text=Rope("It began"))
    asked(store, 3, text=Rope(" \n"))
    asked(store, 4, state="stopped", text=Rope("No"))
    asked(store, 5, state="stopped", text=late)
    asked(store, 6, text=Rope("Sorry, I don’t know that. " + "x" * 500))
    asked(store, 7, text=Rope("I don't know"), annotation=AnnotationReply("a"))
    asked(store, 8, state="streaming")
    asked(store, 9, state="failed", app="other")
    asked(store, 10, NOON - 400 * 86_400, state="failed")
    asked(store, 11, place=11, state="failed")
    asked(store, 12, place=11, **whole)  # asked again, and answered
    asked(store, 13, text=Rope("Das weiß ICH nicht!"))
    asked(store, 14, state="failed", message_id="")
    found = list(unanswered(store.database, WEEK.since, WEEK.until, ["app"]))
    assert {each.message_id: each.why for each in found} == {
        "m1": "failed",
        "m2": "incomplete",
        "m3": "empty",
        "m4": "stopped",
        "m6": "unknown",
        "m13": "unknown",
        "turn-14": "failed",
    }
    assert {each.app for each in unanswered(store.database, WEEK.since, WEEK.until, None)} == {"app", "other"}


def test_what_was_disliked_is_missed_once_with_its_reason(store: Store) -> None:
    asked(store, 0, state="failed")
    asked(store, 1, text=Rope("fine"))
    store.rate("eve", "m0", Rating("dislike", "broke off"))
    store.rate("eve", "m1", Rating("like"))
    store.rate("ben", "m1", Rating("dislike", "of somebody else"))
    both = (
        *unanswered(store.database, WEEK.since, 2e9, None),
        *disliked(store.database, WEEK.since, 2e9, None),
    )
    (gap,) = grouped(both)
    ((only),) = gap.misses
    assert (only.why, only.reason, only.message_id) == ("dislike", "broke off", "m0")


@pytest.mark.parametrize(
    ("phrases", "answer", "heard"),
    [
        (["I don't know"], "Well, I DON’T   know.", True),
        (["Ich weiß es nicht"], "ich weiss es nicht", True),
        (["Je n'ai pas trouvé"], "Je n’ai pas trouve cela", True),
        (["", "  "], "anything", False),
        ([], "I don't know", False),
        (["(a+)+$"], "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", False),
        (["I don't know"], "x" * 500 + "I don't know", False),
    ],
)
def test_an_answer_that_says_that_it_does_not_know(phrases: list[str], answer: str, heard: bool) -> None:
    assert Listener(phrases).hears(answer) is heard


# What becomes of a gap


@dataclass
class World:
    dify: Annotated
    app: App
    store: Store

    def __post_init__(self) -> None:
        self.curations = Curations(self.store.database)
        self.cases = Cases(lambda app: self.curations.of(app).book, self.store.database)
        self.gaps = Gaps(self.store.database, self.curations, self.cases)

    def found(self) -> list[Gap]:
        self.gaps.forget(ADA)
        return list(self.gaps.found(ADA, WEEK, None))

    @property
    def one(self) -> Gap:
        (gap,) = self.found()
        return gap


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    patience = Patience(connect=2, read=1, repeats=0)
    with Annotated() as dify, Client(dify.url, dify.key, patience=patience) as client:
        yield World(dify, App("app", client), store)


def missed(world: World, number: int, question: str, at: float = NOON, app: str = "app") -> None:
    turn = asked(world.store, number, at, app=app, state="failed", error=Failure("x"))
    world.store.save(f"key-{app}-eve-{number}", replace(turn, query=question))


def test_an_annotation_covers_a_gap_until_it_is_missed_again(world: World) -> None:
    for number, question in enumerate(FAMILIES[0]):
        missed(world, number, question)
    gap = world.one
    assert gap.standing == "open"
    row = world.curations.of(world.app).book.add(ADA, gap.question, "Press Cancel.")
    world.gaps.covered(ADA, world.app, gap, row)
    covered = world.one
    assert (covered.standing, covered.open) == ("covered", ())
    cases = world.cases.all(ADA, world.app)
    assert {case.question for case in cases} == set(covered.phrasings)
    assert {case.expected_id for case in cases} == {row.id}
    world.store.rate("eve", "m0", Rating("dislike", "still wrong"))
    back = world.one
    assert (back.standing, [each.reason for each in back.open]) == ("back", ["still wrong"])
    world.gaps.covered(ADA, world.app, back, row)
    assert world.one.standing == "covered"
    assert len(world.cases.all(ADA, world.app)) == len(cases)
    missed(world, 20, "how do i cancel THE order", at=4_000_000_000.0 - 10)
    far = Period(WEEK.first, date(2096, 11, 1), UTC)
    world.gaps.forget(ADA)
    (gap,) = world.gaps.found(ADA, far, None)
    assert (gap.standing, len(gap.open)) == ("back", 1)


def test_a_dismissal_can_be_undone(world: World) -> None:
    missed(world, 0, "reset password")
    missed(world, 1, "How do I reset my password?", app="other")
    marks = world.gaps.dismiss(ADA, world.one)
    assert (world.one.standing, {mark.app for mark in marks}) == ("dismissed", {"app", "other"})
    world.gaps.undo(ADA, marks)
    assert (world.one.standing, world.one.marks) == ("open", ())


def test_one_app_of_a_gap_is_covered_and_the_other_is_not(world: World) -> None:
    missed(world, 0, "reset password")
    missed(world, 1, "reset password", app="other")
    row = world.curations.of(world.app).book.add(ADA, "reset password", "Click.")
    world.gaps.covered(ADA, world.app, world.one, row)
    assert [each.app for each in world.one.open] == ["other"]


@pytest.mark.parametrize("end", ["live", "dropped"])
def test_a_draft_covers_its_gap_once_it_is_live(world: World, end: str) -> None:
    missed(world, 0, "reset password")
    missed(world, 1, "How do I reset my password?")
    drafts = world.curations.of(world.app).drafts
    draft = drafts.keep(ADA, "reset password", "Click.")
    world.gaps.drafted(ADA, world.app, world.one, draft)
    world.gaps.settle(ADA, world.app)
    assert (world.one.standing, world.cases.all(ADA, world.app)) == ("drafted", [])
    if end == "live":
        drafts.check(ADA, draft.id)
        row = drafts.publish(ADA, draft.id)
        for _ in range(2):
            world.gaps.settle(ADA, world.app)
        assert world.one.standing == "covered"
        assert [case.expected_id for case in world.cases.all(ADA, world.app)] == [row.id, row.id]
    else:
        drafts.drop(ADA, draft.id)
        world.gaps.settle(ADA, world.app)
        assert world.one.standing == "open"


def test_the_list_of_phrases_is_each_apps(world: World) -> None:
    asked(world.store, 0, text=Rope("Pas la moindre idée."))
    assert world.found() == []
    world.gaps.phrases.write(ADA, "app", "moindre idee\n\n")
    assert [each.why for each in world.one.misses] == ["unknown"]
    world.gaps.phrases.write(ADA, "app", "")
    assert world.found() == []
    assert "weiß" in world.gaps.phrases.text("other")
    with pytest.raises(ValueError, match="10,001"):
        world.gaps.phrases.write(ADA, "app", "x" * 10_001)


def test_gaps_are_for_curators(world: World) -> None:
    missed(world, 0, "reset password")
    gap = world.one
    row = world.curations.of(world.app).book.add(ADA, "q", "a")
    draft = world.curations.of(world.app).drafts.keep(ADA, "q", "a")
    mark = world.gaps.dismiss(ADA, gap)
    attempts = (
        lambda: world.gaps.found(AGENT, WEEK, None),
        lambda: world.gaps.covered(AGENT, world.app, gap, row),
        lambda: world.gaps.drafted(AGENT, world.app, gap, draft),
        lambda: world.gaps.dismiss(AGENT, gap),
        lambda: world.gaps.undo(AGENT, mark),
        lambda: world.gaps.settle(AGENT, world.app),
        lambda: world.gaps.forget(AGENT),
        lambda: world.gaps.phrases.write(AGENT, "app", ""),
    )
    for attempt in attempts:
        with pytest.raises(Denied):
            attempt()
    assert world.one.standing == "dismissed"

"""One conversation from two tellings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dify.errors import BrokenStream
from services.dify.records import Message
from services.merge import DELAY, SKEW, merge, same_question
from services.rope import Rope
from services.turn import Turn


def ours(identifier: str, query: str = "q", at: float = 100.0, **known: Any) -> Turn:
    answer = known.pop("answer", "")
    state = known.pop("state", "complete")
    return Turn.asked(query, id=identifier, asked_at=at, state=state, text=Rope(answer), **known)


def theirs(
    identifier: str, query: str = "q", at: float = 100.0, answer: str = "theirs", **known: Any
) -> Turn:
    return Turn.from_message(Message(identifier, "c", query=query, created_at=at, answer=answer, **known))


def ids(turns: list[Turn]) -> list[str]:
    return [turn.id for turn in turns]


def test_history_alone_stays_as_it_is() -> None:
    page = [theirs("m1", at=1), theirs("m2", at=2)]
    assert merge([], page, more=False) == page


def test_ours_alone_by_time() -> None:
    assert ids(merge([ours("b", at=2), ours("a", at=1)], [], more=False)) == ["a", "b"]


def test_by_id_whatever_the_words_and_times() -> None:
    (turn,) = merge([ours("a", "old", at=1, message_id="m")], [theirs("m", "new", at=9999)], more=False)
    assert (turn.id, turn.message_id, turn.query, turn.answer) == ("a", "m", "new", "theirs")


def test_by_words_and_time_where_the_id_was_never_learned() -> None:
    (turn,) = merge([ours("a", " q\n", state="incomplete")], [theirs("m", "q", at=103)], more=False)
    assert (turn.id, turn.message_id, turn.conversation_id, turn.state) == ("a", "m", "c", "complete")


@pytest.mark.parametrize(
    ("query", "late", "same"),
    [
        ("q", 0.0, True),
        ("q", -SKEW, True),
        ("q", -SKEW - 1, False),
        ("q", DELAY, True),
        ("q", DELAY + 1, False),
        ("other", 0.0, False),
        (" q ", 0.0, True),
    ],
)
def test_the_same_question(query: str, late: float, same: bool) -> None:
    assert same_question(ours("a", "q", at=1000), theirs("m", query, at=1000 + late)) is same


def test_an_id_goes_before_words() -> None:
    """The same question twice: the one with the id is the one of that message."""
    first, second = ours("a", at=100, message_id="m1", answer="1"), ours("b", at=110, state="failed")
    turns = merge([second, first], [theirs("m1", at=100)], more=False)
    assert [(t.id, t.message_id) for t in turns] == [("a", "m1"), ("b", "")]


def test_two_lost_turns_with_the_same_words_each_find_their_own() -> None:
    lost = [ours("a", at=100, state="incomplete"), ours("b", at=130, state="incomplete")]
    turns = merge(lost, [theirs("m1", at=101), theirs("m2", at=131)], more=False)
    assert [(t.id, t.message_id) for t in turns] == [("a", "m1"), ("b", "m2")]


def test_an_answer_that_history_lacks_is_kept() -> None:
    """Stopped chatflows and agents, and everything that was cut (41_stop_*, b0_*)."""
    part = ours("a", answer="part", state="stopped", message_id="m")
    for status, error in (("error", "Run failed: Aborted: User requested stop"), ("normal", "")):
        (turn,) = merge([part], [theirs("m", answer="", status=status, error=error)], more=False)
        assert (turn.state, turn.answer, turn.error) == ("stopped", "part", None)


def test_a_moderated_answer_is_never_restored() -> None:
    (turn,) = merge(
        [ours("a", answer="", replaced=True, message_id="m")], [theirs("m", answer="")], more=False
    )
    assert (turn.answer, turn.replaced) == ("", True)


def test_a_running_turn_is_left_to_its_run() -> None:
    running = ours("a", answer="so far", state="streaming")
    (turn,) = merge([running], [theirs("m", answer="")], more=False)
    assert turn == replace(running, message_id="m", conversation_id="c")


def test_turns_from_before_the_page_belong_to_an_older_one() -> None:
    early, late = ours("a", at=50, state="failed"), ours("b", at=150, state="failed")
    page = [theirs("m1", "x", at=100), theirs("m2", "y", at=200)]
    assert ids(merge([early, late], page, more=True)) == ["m1", "b", "m2"]
    assert ids(merge([early, late], page, more=False)) == ["a", "m1", "b", "m2"]
    older = [theirs("m0", "z", at=40)]
    assert ids(merge([early, late], older, more=False, until=100)) == ["m0", "a"]


def test_every_turn_of_ours_is_on_one_page() -> None:
    mine = [ours(f"t{at}", at=at, state="failed") for at in range(5, 100, 10)]
    newest, older = [theirs("m2", "x", at=60), theirs("m3", "y", at=90)], [theirs("m1", "z", at=30)]
    pages = [*merge(mine, older, more=False, until=60.0), *merge(mine, newest, more=True)]
    assert sorted(ids(pages)) == sorted([*ids(mine), "m1", "m2", "m3"])
    assert [t.asked_at for t in pages] == sorted(t.asked_at or 0 for t in pages)


def test_a_question_on_its_way_stands_last_although_the_servers_clock_is_ahead() -> None:
    page = [theirs("m1", "x", at=160)]
    assert ids(merge([ours("a", at=120, state="waiting")], page, more=False)) == ["m1", "a"]


def test_the_order_of_history_stands_although_the_clocks_differ() -> None:
    """Ours is 30 s behind; one of the messages was not asked here."""
    mine = [ours("a", "x", at=70, message_id="m1"), ours("b", "z", at=90, message_id="m3")]
    page = [theirs("m1", "x", at=100), theirs("m2", "y", at=110), theirs("m3", "z", at=120)]
    assert ids(merge(mine, page, more=False)) == ["a", "m2", "b"]


TIMES = st.integers(0, 500)
WORDS = st.sampled_from("xyz")


@given(
    st.lists(st.tuples(WORDS, TIMES, st.sampled_from(["", "m0", "m1", "m2"])), max_size=6),
    st.lists(st.tuples(WORDS, TIMES), max_size=5),
    st.booleans(),
)
def test_nothing_is_doubled_and_nothing_of_history_is_lost(
    mine: list[tuple[str, int, str]], page: list[tuple[str, int]], more: bool
) -> None:
    seen = [
        ours(f"t{n}", words, at, message_id=message, answer="a")
        for n, (words, at, message) in enumerate(mine)
    ]
    history = sorted(
        (theirs(f"m{n}", words, at) for n, (words, at) in enumerate(page)), key=lambda t: t.asked_at or 0
    )
    turns = merge(seen, history, more=more)
    assert len(set(ids(turns))) == len(turns)
    known = {turn.message_id for turn in turns if turn.message_id}
    assert {turn.message_id for turn in history} <= known
    assert {turn.id for turn in turns} <= set(ids(seen)) | set(ids(history))
    if not more:
        lost = set(ids(seen)) - set(ids(turns))
        assert all(t.message_id in {h.message_id for h in history} for t in seen if t.id in lost)


def test_an_answers_end_is_learned_from_history() -> None:
    lost = ours("a", state="recovering").lost(BrokenStream("stalled", ""))
    (turn,) = merge([replace(lost, state="incomplete")], [theirs("m", latency=2.0)], more=False)
    assert turn.answered_at == 102.0

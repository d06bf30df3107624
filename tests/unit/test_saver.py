"""How often an answer is written: always soon, and a long one no more than the database bears."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.answer import Answer
from services.conversations import Conversation
from services.dify.stream_events import AnswerDelta
from services.saver import LONGEST, MOST_A_SECOND, Saver
from services.store import Owned, Store
from services.titles import Titles
from services.turn import Turn


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class World:
    """An answer that grows, and a saver that looks when it is told to."""

    def __init__(self) -> None:
        self.store, self.clock, self.answers = Store.in_memory(), Clock(), list[Answer]()
        self.saver = Saver(self.store, Titles(), lambda: self.answers, self.clock)
        place = Conversation(Owned("key-of-this-one", "app", "ada", None))
        turn = Turn.asked("Why?", id="turn", asked_at=1.0)
        self.answer = Answer(place, turn, self.saver.save, self.saver.details)
        self.answers.append(self.answer)
        self.saver.save(self.answer)

    def say(self, text: str) -> None:
        self.answer._fold(AnswerDelta("task", "m", "c", text))

    def look(self, seconds: float) -> int:
        """Let time pass and the saver look; how much of the text is in the store then."""
        self.clock.now += seconds
        self.saver.save_all(self.saver.due)
        kept = self.store.turn("turn")
        assert kept is not None
        return len(kept.answer)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.store.close()


def test_an_ordinary_answer_is_written_at_every_look(world: World) -> None:
    for words in range(1, 9):
        world.say("x" * 60_000)
        assert world.look(0.5) == words * 60_000


def test_a_long_one_less_often_the_longer_it_is(world: World) -> None:
    length = 3 * MOST_A_SECOND
    world.say("x" * length)
    assert world.look(3) == length
    world.say("more")
    assert world.look(2) == length
    assert world.look(2) == length + 4
    world.say("x" * 20 * MOST_A_SECOND)
    assert world.look(LONGEST) == length + 4 + 20 * MOST_A_SECOND


def test_its_end_is_written_at_once(world: World) -> None:
    world.say("x" * 2 * MOST_A_SECOND)
    assert world.look(2) == 2 * MOST_A_SECOND
    world.say("The end.")
    world.answer._close(None)
    kept = world.store.turn("turn")
    assert kept is not None
    assert kept.answer.endswith("The end.")


def test_the_end_of_the_site_waits_for_nothing(world: World) -> None:
    world.saver.start()
    world.say("x" * 2 * MOST_A_SECOND)
    world.saver.close()
    kept = world.store.turn("turn")
    assert kept is not None
    assert len(kept.answer) == 2 * MOST_A_SECOND

"""A reader that applies what it is told, as a browser does, has exactly what the server has."""

from __future__ import annotations

import copy
import json
import threading
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from routes import view
from routes.live import _frame
from services.conversations import Conversation
from services.dify import events, sse, stream_events
from services.dify.errors import BrokenStream
from services.follower import Follower, Snapshot
from services.merge import recovered
from services.outcome import Failure
from services.store import Owned
from services.turn import Turn
from tests.frames import Frames
from tests.position import Position


def conversation() -> Conversation:
    return Conversation(Owned("key", "app", "user", None))


def after(turn: Turn, frame: bytes) -> Turn:
    for read in sse.read([frame]):
        turn = turn.after(events.parse(read))
    return turn


def unopened(_: Conversation) -> None:
    """No inputs, no opening statement of its own."""


@dataclass
class Browser:
    """The transcript's model: snapshot replaces, `turn` merges or adds, text appends, `end` is final."""

    turns: list[dict[str, Any]] = field(default_factory=list)
    position: Position = field(default_factory=Position)
    ended: list[str] = field(default_factory=list)

    def take(self, frame: str) -> None:
        assert frame.endswith("\n\n")
        lines = dict(line.split(":", 1) for line in frame.strip().split("\n"))
        data = json.loads(lines["data"])
        if "id" in lines:
            self.position = Position(lines["id"])
        elif isinstance(data, str):
            data, self.position = [self.position.index, data], self.position.after(data)
        match lines.get("event"):
            case "snapshot":
                self.turns = data["turns"]
            case "turn":
                known = self._turn(data["index"])
                data = data | {key: _joined(known, key, value) for key, value in data.items()}
                if known is None:
                    self.turns.append(data)
                else:
                    known.update(data)
            case "end":
                known = self._turn(data["index"])
                assert known is not None
                known.update(data)
                self.ended.append(data["id"])
            case None:
                index, text = data
                known = self._turn(index)
                assert known is not None, "text for a turn that nobody has told of"
                known["answer"] = known.get("answer", "") + text
            case name:
                assert name == "title"

    def _turn(self, index: int) -> dict[str, Any] | None:
        return next((t for t in self.turns if t["index"] == index), None)

    def shown(self) -> list[dict[str, Any]]:
        """Absent means empty."""
        return [{k: v for k, v in t.items() if v not in (None, "", [], False)} for t in self.turns]


def _joined(known: dict[str, Any] | None, key: str, value: Any) -> Any:
    """A list of which only the rest came: what should stay must be there."""
    if key not in view.LISTS or isinstance(value, list):
        return value
    assert known is not None
    assert len(known[key]) >= value["from"]
    return [*known[key][: value["from"]], *value["items"]]


@dataclass
class Reader:
    conversation: Conversation
    follower: Follower
    browser: Browser
    past: list[Browser] = field(default_factory=list)
    """What the browser was after each frame: it may come back from any of these."""

    @classmethod
    def new(cls, of: Conversation) -> Reader:
        return cls(of, Follower(of), Browser())

    def read(self, at_most: int | None = None) -> None:
        """Take the news; with `at_most` the line breaks after so many frames, and the rest is lost."""
        frames = [_frame(self.conversation, news, unopened).decode() for news in self.follower.news()]
        for frame in frames[:at_most]:
            self.browser.take(frame)
            self.past.append(copy.deepcopy(self.browser))
        if at_most is not None:
            self.come_back(self.browser)

    def come_back(self, browser: Browser) -> None:
        self.browser = copy.deepcopy(browser)
        self.follower = Follower(self.conversation, self.browser.position)

    def has_all(self) -> None:
        self.read()
        whole = [view.whole(entry.index, entry.turn) for entry in self.conversation.in_order()]
        assert self.browser.shown() == Browser(whole).shown()
        assert self.follower.news() == []


CHANGES = (
    "ask",
    "again",
    "replace",
    "thought",
    "step",
    "end",
    "stop",
    "learn",
    "lose",
    "find",
    "reset",
    "rename",
)
OFTEN = ("text",) * 6 + ("read",) * 5 + ("break", "back") * 2
OPERATIONS = st.lists(st.tuples(st.sampled_from(CHANGES + OFTEN), st.integers(0, 7)), max_size=60)


def perform(of: Conversation, name: str, number: int) -> None:
    turns = of.turns()
    if name == "ask" or not turns:
        of.put(Turn.asked(f"q{number}", id=f"t{of.seq}-{len(turns)}", asked_at=float(number)))
        return
    turn = turns[-1 - number % min(2, len(turns))]
    frames = Frames("conv", f"m-{turn.id}", "task")
    match name:
        case "text":
            of.put(after(turn, frames.message("abcdefg"[: number + 1])))
        case "again":
            of.put(turn)
        case "replace":
            of.put(after(turn, frames.replaced("abc"[:number])))
        case "thought":
            of.put(after(turn, frames.thought(f"th{number}", number, thought="x" * number)))
        case "step":
            of.put(after(turn, frames.node("node_started", f"n{number}")))
        case "end":
            of.put(after(turn, frames.message_end()).closed())
        case "stop":
            of.put(turn.stopped())
        case "learn":
            of.put(turn.learned(stream_events.AnswerDelta("task", f"m{number}", "conv", "late")))
        case "lose":
            of.put(turn.lost(BrokenStream("stalled", "words")))
        case "find":
            found = replace(Turn.asked("q"), state="complete", message_id="m")
            of.put(recovered(turn, after(found, b"") if number % 2 else replace(found, text=turn.text)))
        case "reset":
            trouble = Failure("x") if number == 1 else None
            of.reset(turns[number % 3 :], "older" if number else None, trouble)
        case "rename":
            of.renamed()


@settings(max_examples=300)
@given(OPERATIONS)
def test_any_interleaving_of_changes_reads_and_broken_lines(operations: list[tuple[str, int]]) -> None:
    of = conversation()
    readers = [Reader.new(of) for _ in range(3)]
    for name, number in operations:
        reader = readers[number % 3]
        match name:
            case "read":
                reader.read()
            case "break":
                reader.read(at_most=number)
            case "back" if reader.past:
                reader.come_back(reader.past[number * 7 % len(reader.past)])
            case "back":
                pass
            case _:
                perform(of, name, number)
    for reader in readers:
        reader.has_all()


@settings(max_examples=60)
@given(OPERATIONS)
def test_from_every_position_ever_handed_out(operations: list[tuple[str, int]]) -> None:
    of = conversation()
    reader = Reader.new(of)
    for name, number in operations:
        if name in {"read", "break", "back"}:
            reader.read()
        else:
            perform(of, name, number)
    reader.has_all()
    for past in reader.past:
        late = Reader.new(of)
        late.come_back(past)
        late.has_all()


def test_a_first_look_is_a_snapshot() -> None:
    of = conversation()
    of.put(Turn.asked("q", id="a"))
    (news,) = Follower(of).news()
    assert isinstance(news, Snapshot)
    assert [(index, turn.id) for index, turn in news.turns] == [(0, "a")]


def test_positions_that_are_not_ours_get_a_snapshot() -> None:
    of = conversation()
    of.put(Turn.asked("q", id="a"))
    strange = ("", "x", "1-2", "dead-0-0-0", f"{of.epoch}-99-0-0", f"{of.epoch}-x-0-0", f"{of.epoch}-1-0-0-0")
    for position in (*strange, f"{of.epoch}-1-0-" + "9" * 5000, "\0-\ud800", "----", "-1-0-0"):
        (news,) = Follower(of, position).news()
        assert isinstance(news, Snapshot)


def test_a_reset_gives_everybody_a_snapshot_and_the_same_again_nobody() -> None:
    of = conversation()
    of.put(Turn.asked("q", id="a"))
    follower = Follower(of)
    follower.news()
    of.reset(of.turns(), None, None)
    assert follower.news() == []
    of.reset([], None, None)
    assert [type(news) for news in follower.news()] == [Snapshot]


def test_text_grows_by_what_is_new_alone_however_long_a_reader_slept() -> None:
    of = conversation()
    turn = Turn.asked("q", id="a")
    of.put(turn)
    fast, slow = Reader.new(of), Reader.new(of)
    for reader in (fast, slow):
        reader.read()
    sent = 0
    for _ in range(500):
        turn = after(turn, Frames("c", "m", "t").message("word "))
        of.put(turn)
        for news in fast.follower.news():
            frame = _frame(of, news, unopened).decode()
            sent += len(frame)
            fast.browser.take(frame)
    frames = [_frame(of, news, unopened).decode() for news in slow.follower.news()]
    assert len(frames) <= 2
    assert sent < 500 * 60
    for frame in frames:
        slow.browser.take(frame)
    assert fast.browser.turns[0]["answer"] == slow.browser.turns[0]["answer"] == "word " * 500


def test_text_comes_before_the_word_that_it_is_over_and_the_word_comes_once() -> None:
    of = conversation()
    frames = Frames("c", "m", "t")
    turn = Turn.asked("q", id="a")
    of.put(turn)
    reader = Reader.new(of)
    reader.read()
    turn = after(after(turn, frames.message("all of it")), frames.message_end())
    of.put(turn)
    of.put(turn.closed())
    names = [type(news).__name__ for news in reader.follower.news()]
    assert names == ["Grown", "Changed", "Ended"]
    of.put(turn.closed().learned(stream_events.AnswerDelta("t2", "", "", "")))
    of.renamed()
    assert "Ended" not in {type(news).__name__ for news in reader.follower.news()}


def test_a_reader_beside_a_writing_thread() -> None:
    of = conversation()
    of.put(Turn.asked("q0", id="t0"))
    reader = Reader.new(of)
    over = threading.Event()

    def write() -> None:
        for number in range(5):
            turn = Turn.asked(f"q{number}", id=f"t{number}")
            frames = Frames("c", f"m{number}", "t")
            for _ in range(200):
                turn = after(turn, frames.message("x"))
                of.put(turn)
            of.put(after(turn, frames.message_end()).closed())
        over.set()

    reader.read()
    writer = threading.Thread(target=write)
    writer.start()
    while not over.is_set():
        reader.read()
    writer.join()
    reader.has_all()
    assert [turn["answer"] for turn in reader.browser.turns] == ["x" * 200] * 5
    assert sorted(set(reader.browser.ended)) == ["t0", "t1", "t2", "t3", "t4"]


def test_a_new_title_says_nothing_of_any_text() -> None:
    """Come back after two frames that were not about the first turn; then something small changes in it."""
    of = conversation()
    frames = Frames("c", "m", "t")
    first = after(Turn.asked("q", id="a"), frames.message("the first answer"))
    of.put(first)
    of.put(Turn.asked("q", id="b"))
    reader = Reader.new(of)
    reader.read()
    reader.come_back(reader.browser)
    of.renamed()
    reader.read()
    reader.come_back(reader.browser)
    of.put(after(first, frames.thought("th")))
    reader.has_all()

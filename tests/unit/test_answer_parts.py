"""What an answer is made of: calls of tools, rounds of steps, times, and what the page gets of it all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routes import view
from services.calls import Call, calls
from services.dify.parts import File, Thought, Usage
from services.merge import merged
from services.outcome import Timings
from services.rope import Rope
from services.stopwatch import Stopwatch
from services.turn import Turn
from tests.frames import Frames
from tests.unit.transcripts import STREAMS, body, folded

F = Frames("conv", "msg", "task")


def play(*frames: bytes) -> Turn:
    return folded(frames)


# Calls


@pytest.mark.parametrize(
    ("tool", "given_input", "observation", "expected"),
    [
        ("", "", "", []),
        ("a", '{"a": {"x": 1}}', '{"a": "seen"}', [("a", '{\n  "x": 1\n}', "seen")]),
        (
            "a;b",
            '{"a": {"x": 1}, "b": "text"}',
            '{"b": "two", "a": ["o", 1]}',
            [("a", '{\n  "x": 1\n}', '[\n  "o",\n  1\n]'), ("b", "text", "two")],
        ),
        ("a; b ;", '{"a": "1"}', "", [("a", "1", ""), ("b", "", "")]),
        ("a;a", '{"a": "last"}', '{"a": "seen"}', [("a", "", ""), ("a", "last", "seen")]),
        ("a", "no JSON", "tool invoke error: x", [("a", "no JSON", "tool invoke error: x")]),
        ("a", '{"expression": "1+1"}', "2", [("a", '{\n  "expression": "1+1"\n}', "2")]),
        ("a;b", "for nobody", "", [("a", "", ""), ("b", "for nobody", "")]),
        ("a", '{"a": null}', '{"a": {}}', [("a", "", "")]),
        ("a", "[" * 100_000, "", [("a", "[" * 100_000, "")]),
    ],
)
def test_each_tool_gets_its_part(
    tool: str, given_input: str, observation: str, expected: list[tuple[str, str, str]]
) -> None:
    thought = Thought("t", tool=tool, tool_input=given_input, observation=observation)
    assert [(c.tool, c.input, c.observation) for c in calls(thought)] == expected


def test_labels_are_those_of_the_tool() -> None:
    labels: dict[str, Any] = {"a": {"en_US": "Alpha", "zh_Hans": "甲", "ja_JP": None}, "b": "odd"}
    first, second = calls(Thought("t", tool="a;b", tool_labels=labels))
    assert first == Call("a", {"en_US": "Alpha", "zh_Hans": "甲"})
    assert second == Call("b")


def test_a_recorded_thought() -> None:
    (call,) = calls(folded([body("52_agent_tool_time")]).thoughts[0])
    assert (call.tool, call.labels["en_US"]) == ("current_time", "Current Time")
    assert call.observation == "2026-11-21 02:14:15"
    assert json.loads(call.input) == {"format": "%Y-%m-%d %H:%M:%S", "timezone": "UTC"}


# Steps


def test_a_node_knows_in_which_round_it_ran() -> None:
    def inner(name: str, identifier: str, **more: Any) -> bytes:
        return F.node(name, "look", id=identifier, iteration_id="each", **more)

    turn = play(
        F.node("iteration_started", "each", id="each", title="Each"),
        F.node("iteration_next", "each", id="each", index=0),
        inner("node_started", "x1"),
        F.node("iteration_next", "each", id="each", index=1),
        inner("node_started", "x2"),
        # Rounds may run side by side: what began in the first ends in the second.
        inner("node_retry", "x1", status="retry", retry_index=1, execution_metadata={"iteration_index": 0}),
        inner("node_finished", "x1", execution_metadata={"iteration_index": 0, "total_tokens": 0}),
        inner("node_finished", "x2", execution_metadata={"iteration_index": 1, "total_tokens": 9}),
        F.node("iteration_completed", "each", id="each", total_tokens=9),
        F.node("loop_started", "l", id="l", title="Again"),
        F.node("loop_next", "l", id="l", index=4),
        F.node("node_started", "n", loop_id="l"),
    )
    assert [(s.id, s.round, s.tokens, s.retries) for s in turn.steps] == [
        ("each", 1, 9, 0),
        ("x1", 0, 0, 1),
        ("x2", 1, 9, 0),
        ("l", 4, None, 0),
        ("execution-n", 4, None, 0),
    ]


# Times


def times(*turns: tuple[float, Turn]) -> Timings:
    watch, turn = Stopwatch(), Turn.asked("q")
    for at, fresh in turns:
        turn = replace(fresh, timings=turn.timings)
        turn = replace(turn, timings=watch.after(turn, at))
    return turn.timings


def said(text: str, reasoning: str = "") -> Turn:
    return Turn("q", text=Rope(text), reasoning=reasoning)


def test_how_long_it_thought() -> None:
    own = times(
        (1.0, said("", "hm")),
        (2.0, said("", "hm, so")),
        (3.5, said("It", "hm, so")),
        (9.0, said("It is", "hm, so")),
    )
    assert own == Timings(first_text=3.5, reasoning=2.5)
    aloud = times(
        (1.0, said("<thi")),
        (1.5, said("<think>hm")),
        (4.0, said("<think>hm</thi")),
        (5.0, said("<think>hm</think> 4")),
    )
    assert aloud == Timings(first_text=1.0, reasoning=4.0)
    assert times((1.0, said("It")), (2.0, said("It is"))) == Timings(first_text=1.0)
    assert times((1.0, said("", "hm"))) == Timings()


@pytest.mark.parametrize(
    ("turns", "seconds"),
    [
        ([(1.0, "Well.\n"), (2.0, "Well.\n<think>hm"), (5.0, "Well.\n<think>hm</think>\nso")], 3.0),
        ([(1.0, "<think>a"), (2.0, "<think>a</think>b\n<thi"), (3.0, "<think>a</think>b\n<think>c")], 1.0),
        ([(1.0, "no tag"), (3.0, "no tag\n</think>\n"), (4.0, "no tag\n</think>\nsaid")], 2.0),
        ([(1.0, "It is `<think>` that "), (2.0, "It is `<think>` that begins it")], None),
        ([(1.0, "```\n<think>"), (2.0, "```\n<think>\n</think>\n```\n")], None),
        ([(1.0, "all <think>"), (2.0, "all <think>\nhm"), (4.0, "all <think>\nhm</think>\nsaid")], 3.0),
    ],
)
def test_how_long_it_thought_aloud_anywhere_in_its_answer(
    turns: list[tuple[float, str]], seconds: float | None
) -> None:
    assert times(*((at, said(text)) for at, text in turns)).reasoning == seconds


def test_all_stretches_of_thinking_count() -> None:
    stretches = (
        (1.0, said("", "hm")),
        (2.0, said("One.\n", "hm")),
        (5.0, said("One.\n", "hm, and")),
        (7.0, said("One.\nTwo.\n", "hm, and")),
        (8.0, said("One.\nTwo.\n<think>x", "hm, and")),
        (9.0, said("One.\nTwo.\n<think>x</think>\n", "hm, and")),
    )
    assert times(*stretches).reasoning == 1.0 + 2.0 + 1.0


def test_a_thought_that_is_open_at_the_end_lasted_until_then() -> None:
    watch = Stopwatch()
    turn = said("<think>hm")
    turn = replace(turn, timings=watch.after(turn, 2.0))
    assert turn.timings.reasoning is None
    assert watch.at_the_end(turn.stopped(), 6.0).reasoning == 4.0
    assert Stopwatch().at_the_end(turn, 6.0).reasoning is None, "nobody saw it begin"
    assert watch.at_the_end(turn, None).reasoning is None


def test_nobody_knows_when_it_was_asked() -> None:
    watch = Stopwatch()
    assert watch.after(said("x", "y"), None) == Timings()


# Moderation


def test_what_moderation_takes_back_is_nowhere_in_the_turn() -> None:
    bad = "forbidden words"
    turn = play(
        F.event("reasoning_chunk", data={"reasoning": f"say {bad}", "node_id": "llm"}),
        F.thought("a", 1, thought=bad, tool="search", observation='{"search": "found"}'),
        F.message(bad),
        F.replaced("I cannot say that.", "output_moderation"),
        F.thought("a", 1, thought=bad, tool="search", observation='{"search": "found"}'),
        F.event("message_end", metadata={"reasoning": {"llm": f"say {bad}"}}),
    ).closed()
    assert (turn.answer, turn.state, turn.replaced_reason) == (
        "I cannot say that.",
        "complete",
        "output_moderation",
    )
    assert bad not in repr(turn)
    assert [call.observation for call in calls(turn.thoughts[0])] == ["found"]
    shown = view.whole(0, turn)
    assert (shown["replaced"], shown["replaced_reason"]) == (True, "output_moderation")
    theirs = Turn(
        "q",
        state="complete",
        message_id="msg",
        text=Rope("I cannot say that."),
        thoughts=(Thought("a", thought=bad),),
    )
    assert bad not in repr(merged(turn, theirs)), "history keeps an agent's thoughts as they were"


# The page


def test_parts_that_are_unknown_have_no_key() -> None:
    turn = play(
        F.thought("a", 1, tool="search"),
        F.file("f1"),
        F.node("node_started", "n", title=""),
        F.message_end(citations=[{"position": 1, "score": 0, "document_name": "d"}], usage={"latency": 0.5}),
    )
    shown = view.whole(0, turn)
    assert shown["thoughts"] == [{"id": "a", "calls": [{"tool": "search"}]}]
    assert shown["files"] == [{"id": "f1", "type": "image"}]
    assert shown["steps"] == [
        {"id": "execution-n", "kind": "node", "state": "running", "node_id": "n", "node_type": "llm"}
    ]
    assert shown["citations"] == [{"position": 1, "document_name": "d", "score": 0}]
    assert shown["usage"]["latency"] == 0.5


def test_a_files_address_is_told_only_where_it_is_not_difys() -> None:
    signed = File("a", "image", "https://dify/files/a/file-preview?sign=s", "user", upload_file_id="up")
    older = File("b", "image", "https://dify/files/b/image-preview?sign=s", "user")
    linked = File.from_json(
        {"id": "c", "url": "https://x/y.png", "transfer_method": "remote_url", "belongs_to": "user"}
    )
    ours = File("", "image", "https://x/z.png", "user")
    tool = File("d", "image", "https://dify/files/tools/d.png?sign=s", "assistant")
    far = File("e", "image", "https://x/found.png", "assistant")
    assert (far.elsewhere, File("f", url="javascript:alert(1)").elsewhere) == ("https://x/found.png", "")
    assert [file.elsewhere for file in (signed, older, linked, ours, tool)] == [
        "",
        "",
        "https://x/y.png",
        "https://x/z.png",
        "",
    ]
    assert "sign=" not in json.dumps(view.whole(0, Turn("q", attachments=(signed, older), files=(tool,))))


def test_history_names_the_files_that_the_stream_only_announced() -> None:
    ours = Turn("q", state="complete", message_id="m", files=(File("f1", "image", "/files/old"), File("f2")))
    theirs = replace(ours, files=(File("f1", "image", "/files/new", name="a.png", size=3),))
    assert merged(ours, theirs).files == (File("f1", "image", "/files/new", name="a.png", size=3), File("f2"))


def test_usage_of_every_kind() -> None:
    assert Usage.from_json({"time_to_first_token": "0.05"}) == Usage(time_to_first_token=0.05)


SHORT = [case for case in STREAMS if len(body(case)) < 40_000]


def drawn(pieces: Iterable[bytes]) -> dict[str, Any]:
    """What the page gets of a stream that came in these pieces."""
    return view.whole(0, folded(pieces, Turn.asked("q", id="t")).closed())


@settings(max_examples=6)
@given(st.data())
@pytest.mark.parametrize("case", SHORT)
def test_however_a_recording_is_cut_the_page_gets_the_same(case: str, data: st.DataObject) -> None:
    whole = body(case)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=30)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    expected = drawn([whole])
    assert drawn(pieces) == expected
    assert json.loads(json.dumps(expected)) == expected


@pytest.mark.parametrize("case", SHORT)
def test_byte_by_byte_the_page_gets_the_same(case: str) -> None:
    whole = body(case)
    assert drawn(whole[i : i + 1] for i in range(len(whole))) == drawn([whole])

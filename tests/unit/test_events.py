"""Frames to events: every name of behaviour, every oddity that servers and documents are known for."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dify import stream_events
from services.dify.events import READERS, parse
from services.dify.sse import Frame
from tests.unit.transcripts import STREAMS, body

NAMES = {
    "message": stream_events.AnswerDelta,
    "agent_message": stream_events.AnswerDelta,
    "message_replace": stream_events.AnswerReplaced,
    "reasoning_chunk": stream_events.ReasoningDelta,
    "agent_thought": stream_events.ThoughtUpdated,
    "message_file": stream_events.FileArrived,
    "tts_message": stream_events.SpeechDelta,
    "tts_message_end": stream_events.SpeechEnded,
    "message_end": stream_events.AnswerEnded,
    "error": stream_events.StreamFailed,
    "workflow_started": stream_events.WorkflowStarted,
    "workflow_finished": stream_events.WorkflowFinished,
    "workflow_paused": stream_events.WorkflowPaused,
    "node_started": stream_events.StepChanged,
    "node_retry": stream_events.StepChanged,
    "node_finished": stream_events.StepChanged,
    "iteration_started": stream_events.StepChanged,
    "iteration_next": stream_events.StepChanged,
    "iteration_completed": stream_events.StepChanged,
    "loop_started": stream_events.StepChanged,
    "loop_next": stream_events.StepChanged,
    "loop_completed": stream_events.StepChanged,
    "human_input_required": stream_events.HumanInputRequired,
    "human_input_form_filled": stream_events.HumanInputClosed,
    "human_input_form_timeout": stream_events.HumanInputClosed,
    "agent_log": stream_events.StepChanged,
    "text_chunk": stream_events.WorkflowText,
    "text_replace": stream_events.WorkflowText,
}
IDS = {"task_id": "t", "message_id": "m", "conversation_id": "c"}


def said(data: Any, event: str = "message") -> stream_events.StreamEvent | None:
    return parse(Frame(event, data if isinstance(data, str) else json.dumps(data), ""))


def test_every_name_of_the_server_has_a_meaning() -> None:
    assert set(READERS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_alone_is_enough(name: str) -> None:
    """Every other key may be missing, null, or of another type."""
    found = said({"event": name, **IDS})
    assert type(found) is NAMES[name]
    assert (found.task_id, found.message_id, found.conversation_id) == ("t", "m", "c")
    for strange in (None, 7, "text", [], [1], {}, {"a": []}, True):
        keys = ("answer", "data", "metadata", "files", "audio", "id", "status", "position", "task_id")
        found = said({"event": name, **dict.fromkeys(keys, strange)})
        assert type(found) in {NAMES[name], stream_events.Malformed}


@pytest.mark.parametrize("case", STREAMS)
def test_no_recorded_frame_is_unknown_or_malformed(case: str) -> None:
    for block in body(case).split(b"\n\n"):
        if block.startswith(b"data: "):
            found = said(block.removeprefix(b"data: ").decode())
            assert not isinstance(found, stream_events.Unknown | stream_events.Malformed | None)


@pytest.mark.parametrize(
    "data",
    [
        "[DONE]",
        "{",
        '{"event": "message", "answer": "cut',
        ": :",
        "",
        "null",
        "[]",
        '"text"',
        "7",
        "[" * 100_000,
        '{"event": "message", "answer": ' + "9" * 5000 + "}",
        "\0",
    ],
    ids=lambda data: data[:12],
)
def test_what_nobody_can_read_is_malformed(data: str) -> None:
    assert isinstance(said(data), stream_events.Malformed)


def test_nested_json_beside_half_a_surrogate_pair() -> None:
    """A depth that just passes the parser must not then break what cleans the text."""
    for depth in (*range(300, 1100), 50_000):
        found = said('{"event": "message", "answer": "\\ud800", "x": ' + "[" * depth + "]" * depth + "}")
        assert isinstance(found, stream_events.AnswerDelta | stream_events.Malformed)


@pytest.mark.parametrize("data", ["", "null", '{"event": "ping"}', "not json"])
def test_a_ping_in_the_event_field_says_nothing(data: str) -> None:
    assert said(data, "ping") is None


def test_a_ping_as_json_says_nothing() -> None:
    assert said({"event": "ping", **IDS}) is None


def test_an_unknown_name() -> None:
    found = said({"event": "message_from_the_future", **IDS})
    assert isinstance(found, stream_events.Unknown)
    assert (found.name, found.message_id) == ("message_from_the_future", "m")


def test_the_name_may_stand_in_the_event_field_only() -> None:
    assert isinstance(said({"answer": "a"}, "agent_message"), stream_events.AnswerDelta)
    assert isinstance(said({"event": None, **IDS}, "message_end"), stream_events.AnswerEnded)
    assert isinstance(said({"event": 7, **IDS}, "message_end"), stream_events.AnswerEnded)


def test_the_name_in_the_json_beats_the_event_field() -> None:
    assert isinstance(said({"event": "message_end"}, "message"), stream_events.AnswerEnded)
    assert isinstance(said({"event": "message", "answer": "a"}, "ping"), stream_events.AnswerDelta)


@pytest.mark.parametrize(
    ("answer", "text"), [(None, ""), (7, "7"), (1.5, "1.5"), ([], ""), ({}, ""), (True, "")]
)
def test_an_answer_of_another_type(answer: Any, text: str) -> None:
    found = said({"event": "message", "answer": answer})
    assert isinstance(found, stream_events.AnswerDelta)
    assert found.text == text


def test_a_delta_without_message_id_names_it_in_id() -> None:
    found = said({"event": "message", "id": "m", "answer": "a"})
    assert found is not None
    assert found.message_id == "m"


def test_the_id_of_a_message_end_is_not_the_messages() -> None:
    """The example of one API document has another one there, and no message_id."""
    found = said({"event": "message_end", "id": "other", "conversation_id": "c"})
    assert found is not None
    assert (found.message_id, found.conversation_id) == ("", "c")


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDE00", "a\\uD83Db"])
def test_half_of_a_surrogate_pair_becomes_text_that_can_be_stored(half: str) -> None:
    found = said('{"event": "message", "answer": "' + half + '"}')
    assert isinstance(found, stream_events.AnswerDelta)
    assert "�" in found.text
    assert found.text.encode()


def test_a_whole_surrogate_pair_stays() -> None:
    found = said('{"event": "message", "answer": "\\ud83d\\ude00 \\\\ud800"}')
    assert isinstance(found, stream_events.AnswerDelta)
    assert found.text == "😀 \\ud800"


def test_signs_that_other_readers_cut_at_stay() -> None:
    odd = "a\u2028b\u2029c\x85d\x0be\x0cf\0g"
    found = said(json.dumps({"event": "message", "answer": odd}, ensure_ascii=False))
    assert isinstance(found, stream_events.AnswerDelta)
    assert found.text == odd


@pytest.mark.parametrize("audio", ["*", "YQ=", "YQ==\n", "ü", "YQ"])
def test_unreadable_speech_is_malformed(audio: str) -> None:
    assert isinstance(said({"event": "tts_message", "audio": audio}), stream_events.Malformed)


def test_speech_is_decoded_block_by_block() -> None:
    blocks = [b"a", b"bc", b"\xff\xfb"]
    found = [said({"event": "tts_message", "audio": b64encode(block).decode()}) for block in blocks]
    assert [event.audio for event in found if isinstance(event, stream_events.SpeechDelta)] == blocks


def test_an_error_has_code_status_and_words() -> None:
    found = said({"event": "error", "code": "rate_limit_error", "status": 429, "message": "slow down"})
    assert found == stream_events.StreamFailed("", "", "", "rate_limit_error", 429, "slow down")
    assert said({"event": "error"}) == stream_events.StreamFailed("", "", "", "", None, "")


def test_citations_may_stand_inside_usage() -> None:
    source = {"document_name": "d", "score": 0.5}
    for metadata in (
        {"retriever_resources": [source]},
        {"retriever_resources": [], "usage": {"retriever_resources": [source], "total_tokens": 3}},
        {"usage": {"retriever_resources": [source, None, "x"]}},
    ):
        found = said({"event": "message_end", "metadata": metadata})
        assert isinstance(found, stream_events.AnswerEnded)
        assert [c.document_name for c in found.citations] == ["d"]


def test_the_parts_of_a_message_end() -> None:
    metadata = {
        "usage": {"total_tokens": 3, "total_price": "0E-7", "latency": "0.5"},
        "annotation_reply": {"id": "a1", "account": {"name": "Ada"}},
        "reasoning": {"n1": "first", "n2": "", "n3": "second"},
    }
    found = said(
        {"event": "message_end", "metadata": metadata, "files": [{"related_id": "f", "filename": "x"}]}
    )
    assert isinstance(found, stream_events.AnswerEnded)
    assert found.usage is not None
    assert (found.usage.total_tokens, found.usage.total_price, found.usage.latency) == (3, "0E-7", 0.5)
    assert found.annotation is not None
    assert (found.annotation.id, found.annotation.author) == ("a1", "Ada")
    assert found.reasoning == "first\n\nsecond"
    assert [(f.id, f.name) for f in found.files] == [("f", "x")]


def test_numbers_that_are_none() -> None:
    found = said('{"event": "message_end", "metadata": {"usage": {"total_tokens": NaN, "latency": 1e999}}}')
    assert isinstance(found, stream_events.AnswerEnded)
    assert found.usage is not None
    assert (found.usage.total_tokens, found.usage.latency) == (None, None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "answer",
        "data",
        "metadata",
        "files",
        "audio",
        "id",
        "status",
        "position",
        "task_id",
        "message_id",
        "usage",
        "error",
        "code",
    ]
)


@given(st.sampled_from(sorted(NAMES)), st.dictionaries(KEYS, JSON), st.dictionaries(KEYS, JSON))
def test_nothing_raises(name: str, flat: dict[str, Any], data: dict[str, Any]) -> None:
    said({**flat, "event": name})
    said({"event": name, "data": {**flat, **data}, "metadata": data})


@given(st.text(), st.text(max_size=12))
def test_no_text_raises(data: str, event: str) -> None:
    said(data, event)

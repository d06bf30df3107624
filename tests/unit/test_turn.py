"""The one fold: recordings whole and re-cut, then its rules one by one."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dify import events, stream_events
from services.dify.errors import BrokenStream, DifyError, NotSent, Unauthorized, Unreachable
from services.dify.parts import AnnotationReply, File
from services.dify.records import Message
from services.dify.sse import Frame
from services.merge import merged, recovered
from services.outcome import FINAL, Failure
from services.turn import Turn
from tests.frames import ABORTED, PING, USAGE, Frames
from tests.unit.transcripts import STREAMS, body, folded

BROKEN = BrokenStream("connection_lost", "The connection was lost.")


@dataclass(frozen=True)
class Expected:
    """What a recording must come to. `ids`: conversation, message and task id are those of its frames."""

    state: str
    answer: str
    ids: bool = True
    tokens: int | None = None
    code: str | None = None
    words: str = ""
    status: int | None = None
    thoughts: tuple[tuple[str, str], ...] = ()
    """(tool, start of the observation)."""
    steps: tuple[tuple[str, str], ...] = ()
    """(title, state)."""
    files: tuple[str, ...] = ()
    speech: bool = False
    replaced: bool = False
    forms: int = 0


def words(count: int) -> str:
    return "".join(f"w{n} " for n in range(count))


START = ("Start", "succeeded")
SIMPLE = (START, ("LLM", "succeeded"), ("Answer", "succeeded"))
CUT_FLOW = Expected("incomplete", words(4), code="incomplete", steps=(START, ("LLM", "stopped")))
NO_TASK = {"ids": False}
TOOL = (("current_time", '{"current_time": "2026-11-21'), ("", ""))
TABLE: dict[str, Expected] = {
    "20_chat_stream_markdown_unicode": Expected(
        "complete",
        "# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint('hi')\n```\nUnicode: 你好 😀\n",
        tokens=23,
    ),
    "20_chat_stream_new": Expected("complete", "Echo: hello there ", tokens=11),
    "21_chat_conversation_id_empty": Expected("complete", "Echo: empty conv ", tokens=10),
    "21_chat_conversation_id_null": Expected("complete", "Echo: null conv ", tokens=10),
    "22_chat_huge_chunk": Expected("complete", "x" * 70_000 + " end", tokens=8),
    "22_chat_unicode_line_separators": Expected(
        "complete",
        "ls\u2028x ps\u2029x nel\x85x vt\x0bx ff\x0cx fs\x1cx crlf\r\nx nul\\0 data: fake\n\n"
        'data: {"event":"message"}\n\nhtml <b>&amp;</b> end',
        tokens=15,
    ),
    "35_err_model_auth_stream": Expected(
        "failed",
        "",
        **NO_TASK,
        code="completion_request_error",
        words="Incorrect API key provided",
        status=400,
    ),
    "35_err_model_bad_stream": Expected(
        "failed",
        "",
        **NO_TASK,
        code="completion_request_error",
        words="stub InvokeBadRequestError",
        status=400,
    ),
    "35_err_model_down_stream": Expected(
        "failed",
        "",
        **NO_TASK,
        code="completion_request_error",
        words="stub InvokeServerUnavailableError",
        status=400,
    ),
    "35_err_model_rate_stream": Expected(
        "failed", "", **NO_TASK, code="rate_limit_error", words="stub InvokeRateLimitError", status=429
    ),
    "36_err_provider_down_flow": Expected(
        "failed", "", **NO_TASK, code="invalid_param", words="Failed to request plugin daemon", status=400
    ),
    "40_ping_chat_silent25s": Expected("complete", "Echo: silent:25 hello ", tokens=12),
    "41_stop_agent_stream": Expected("complete", words(7), tokens=0, thoughts=(("", ""),)),
    "41_stop_chat_stream": Expected("complete", words(6), tokens=0),
    "41_stop_flow_simple_stream": Expected("stopped", words(5), steps=(START, ("LLM", "stopped"))),
    "41_stop_flow_wrong_user_stream": Expected("stopped", words(3), steps=(START, ("LLM", "stopped"))),
    "41_stop_wrong_user_stream": Expected("complete", words(10), tokens=17),
    "50_tts_autoplay_chat": Expected(
        "complete", "".join(f"Sentence number {n} is here. " for n in range(12)), tokens=19, speech=True
    ),
    "51_moderation_input_chat": Expected("complete", "Your input was blocked.", tokens=0),
    "51_moderation_output_chat": Expected("complete", "Sorry, I cannot say that.", tokens=45, replaced=True),
    "52_agent_plain": Expected("complete", "Echo: hello agent ", tokens=11, thoughts=(("", ""),)),
    "52_agent_tool_time": Expected(
        "complete",
        "I will call a tool. Echo: use-tool:time what time [tool said: 2026-11-21 02:14:15]",
        tokens=51,
        thoughts=TOOL,
    ),
    "53_flow_error_stream": Expected(
        "failed",
        "status ",
        code="workflow_failed",
        words="[Errno 111] Connection refused",
        steps=(START, ("HTTP", "failed")),
    ),
    "53_flow_simple_stream": Expected("complete", "Echo: hello simple ", tokens=11, steps=SIMPLE),
    "53_flow_stream": Expected(
        "complete",
        "Got it: Echo: my name is Carol  (name=my name is Carol)",
        tokens=14,
        steps=(*SIMPLE[:2], ("Variable Assigner", "succeeded"), ("Answer", "succeeded")),
    ),
    "57_rate_limit_first": Expected("complete", words(8), tokens=14),
    "81_chat_file_app_off": Expected("complete", "Echo: img ", tokens=8),
    "81_chat_file_wrong_type": Expected("complete", "Echo: img [files: audio]", tokens=9, files=("pic.png",)),
    "81_chat_flow_local_file_other_app": Expected(
        "failed", "", **NO_TASK, code="workflow_failed", words="Invalid upload file"
    ),
    "81_chat_local_file": Expected(
        "complete", "Echo: what is in the image [files: image]", tokens=17, files=("pic.png",)
    ),
    "81_chat_local_file_followup": Expected("complete", "Echo: and now [files: image]", tokens=26),
    "81_chat_local_txt_file": Expected(
        "complete", "Echo: read it [files: document]", tokens=11, files=("note.txt",)
    ),
    "81_chat_remote_url_ok": Expected("complete", "Echo: img [files: image]", tokens=9, files=("pic.png",)),
    "94_chat_annotation_miss_stream": Expected("complete", "Echo: completely different words ", tokens=15),
    "a0_hitl_chat_while_paused": Expected(
        "paused",
        "Before the form. ",
        steps=(START, ("Answer pre", "succeeded"), ("Ask a human", "running")),
        forms=1,
    ),
    "a2_events_after_resume": Expected(
        "paused",
        "Before the form. ",
        steps=(START, ("Answer pre", "succeeded"), ("Ask a human", "paused")),
        replaced=True,
        forms=1,
    ),
    "a2_events_finished_run": Expected(
        "complete",
        "Approved with comment fine by me",
        tokens=0,
        steps=(("Ask a human", "succeeded"), ("Approved", "succeeded")),
    ),
    "b0_disconnect_chat_stream": Expected("incomplete", words(4), code="incomplete"),
    "b0_disconnect_flow_reattach": Expected(
        "incomplete", "w4 w5 ", code="incomplete", steps=(START, ("LLM", "stopped")), replaced=True
    ),
    "b0_disconnect_flow_stream": CUT_FLOW,
    "b1_disconnect_flow_stream": CUT_FLOW,
    "b2_agent_disconnect": Expected(
        "incomplete", "I will call a tool. w0 w1 ", code="incomplete", thoughts=TOOL
    ),
}


def bodies(case: str) -> list[dict[str, Any]]:
    """The JSON of each whole frame, read without any of the product's code."""
    blocks = body(case).split(b"\n\n")[:-1]
    return [json.loads(block[6:]) for block in blocks if block.startswith(b"data: ")]


def test_the_table_holds_every_recorded_stream() -> None:
    assert sorted(TABLE) == STREAMS


@pytest.mark.parametrize("case", TABLE)
def test_a_recording_comes_to(case: str) -> None:
    turn, expected = folded([body(case)]).closed(), TABLE[case]
    assert (turn.state, turn.answer) == (expected.state, expected.answer)
    if expected.code:
        assert turn.error is not None
        assert (turn.error.code, turn.error.status) == (expected.code, expected.status)
        assert turn.error.message.startswith(expected.words)
    else:
        assert turn.error is None
    told = bodies(case)
    error = next((i for i, b in enumerate(told) if b["event"] == "error"), len(told))
    names = ("conversation_id", "message_id", "task_id")
    found = {key: {b[key] for b in told[: error + 1] if key in b} for key in names}
    for name, ids in found.items():
        assert len(ids) <= 1
        assert getattr(turn, name) == (next(iter(ids)) if ids else "")
    if expected.ids:
        assert all(found.values())
    assert (turn.usage.total_tokens if turn.usage else None) == expected.tokens
    assert [t.tool for t in turn.thoughts] == [tool for tool, _ in expected.thoughts]
    for thought, (_, start) in zip(turn.thoughts, expected.thoughts, strict=True):
        assert thought.observation.startswith(start)
    assert tuple((s.title, s.state) for s in turn.steps) == expected.steps
    assert tuple(f.name for f in turn.files) == expected.files
    blocks = [b64decode(b["audio"]) for b in bodies(case) if b["event"] == "tts_message"]
    assert turn.speech == b"".join(blocks)
    assert bool(turn.speech) is expected.speech
    assert turn.replaced is expected.replaced
    assert len(turn.forms) == expected.forms
    assert (turn.malformed, turn.final) == (0, expected.state != "paused")


def test_retries_of_a_step_are_counted() -> None:
    steps = folded([body("53_flow_error_stream")]).steps
    assert [step.retries for step in steps] == [0, 2]
    assert steps[1].error == "[Errno 111] Connection refused"


@settings(max_examples=8)
@given(st.data())
@pytest.mark.parametrize("case", [case for case in STREAMS if len(body(case)) < 40_000])
def test_however_the_bytes_are_cut_the_turn_is_the_same(case: str, data: st.DataObject) -> None:
    whole = body(case)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=60)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert folded(pieces).closed() == folded([whole]).closed()


def test_byte_by_byte() -> None:
    for case in ("20_chat_stream_markdown_unicode", "22_chat_unicode_line_separators"):
        whole = body(case)
        assert folded(whole[i : i + 1] for i in range(len(whole))).closed() == folded([whole]).closed()


@given(st.sampled_from(["20_chat_stream_new", "53_flow_simple_stream", "52_agent_tool_time"]), st.data())
def test_a_stream_cut_anywhere_before_its_end_is_incomplete_and_keeps_its_text(
    case: str, data: st.DataObject
) -> None:
    whole = body(case)
    end = whole.index(b'"event":"message_end"')
    cut = whole[: data.draw(st.integers(0, end))]
    turn = folded([cut]).closed(BROKEN)
    assert turn.state == "incomplete"
    assert turn.error == Failure("connection_lost", "The connection was lost.")
    assert folded([whole]).answer.startswith(turn.answer)
    assert turn.malformed == 0


def play(*frames: bytes, turn: Turn | None = None) -> Turn:
    return folded(frames, turn)


F = Frames("conv", "msg", "task")


def test_a_question_waits() -> None:
    turn = Turn.asked("why?", id="x", asked_at=5.0)
    assert (turn.state, turn.query, turn.answer, turn.id, turn.asked_at) == ("waiting", "why?", "", "x", 5.0)
    assert (turn.running, turn.final, turn.speech, turn.files) == (True, False, b"", ())


def test_empty_text_is_no_first_text() -> None:
    assert play(F.message("")).state == "waiting"
    assert play(PING, F.message(""), F.message("a")).state == "streaming"


def test_equal_deltas_are_not_duplicates() -> None:
    assert play(*[F.message("ha")] * 3).answer == "hahaha"


def test_text_of_another_message_is_kept_and_the_first_ids_stay() -> None:
    turn = play(F.message("a"), Frames("c2", "m2", "t2").message("b"))
    assert (turn.answer, turn.conversation_id, turn.message_id, turn.task_id) == ("ab", "conv", "msg", "task")


def test_message_end_with_another_id_and_no_message_id() -> None:
    turn = play(F.message("a"), F.event("message_end", id="other", message_id=None, metadata={}))
    assert (turn.message_id, turn.closed().state) == ("msg", "complete")


def test_message_end_is_not_the_end() -> None:
    turn = play(F.message("a"), F.message_end(), F.speech(b"x"), F.speech_end())
    assert (turn.state, turn.final, turn.speech) == ("streaming", False, b"x")
    assert turn.closed().state == "complete"


def test_text_after_message_end_is_kept() -> None:
    assert play(F.message("a"), F.message_end(), F.message("b")).closed().answer == "ab"


def test_two_message_ends() -> None:
    turn = play(F.message("a"), F.message_end(), F.message_end(usage={"total_tokens": 5})).closed()
    assert (turn.state, turn.answer, turn.usage and turn.usage.total_tokens) == ("complete", "a", 5)


def test_a_message_end_without_anything() -> None:
    turn = play(F.message("a"), F.event("message_end", metadata=None, files=None)).closed()
    assert (turn.state, turn.usage, turn.citations) == ("complete", None, ())


def test_speech_blocks_are_decoded_each_and_a_bad_one_is_skipped() -> None:
    turn = play(F.speech(b"a"), F.event("tts_message", audio="%%"), F.speech(b"bc"))
    assert (turn.speech, turn.malformed, turn.state) == (b"abc", 1, "waiting")


def test_a_malformed_frame_is_counted_and_skipped() -> None:
    turn = play(F.message("a"), b"data: {nope\n\n", b"data: : :\n\n", b"data: [DONE]\n\n", F.message("b"))
    assert (turn.answer, turn.malformed, turn.closed(BROKEN).malformed) == ("ab", 3, 3)


def test_unknown_events_change_nothing_but_ids() -> None:
    turn = play(F.message("a"))
    assert play(F.event("sparkle", answer="x"), turn=turn) is turn
    assert play(F.event("sparkle", answer="x")).message_id == "msg"


def test_replaced_text_is_void_and_deltas_go_on_after_it() -> None:
    turn = play(F.message("bad words"), F.replaced("Sorry. ", "output_moderation"), F.message("More."))
    assert (turn.answer, turn.replaced, turn.replaced_reason) == ("Sorry. More.", True, "output_moderation")


def test_replaced_by_nothing() -> None:
    turn = play(F.message("bad words"), F.replaced(""), F.message_end()).closed()
    assert (turn.answer, turn.replaced, turn.state) == ("", True, "complete")


def test_thoughts_are_put_in_place_of_themselves_by_id_and_in_order() -> None:
    turn = play(
        F.thought("b", 2),
        F.thought("a", 1),
        F.thought("a", 1, tool="search", tool_input='{"q": 1}'),
        F.thought("a", 1, tool="search", observation="found"),
        F.thought("b", 2, thought="so"),
    )
    assert [(t.id, t.tool, t.observation, t.thought) for t in turn.thoughts] == [
        ("a", "search", "found", ""),
        ("b", "", "", "so"),
    ]


def test_thoughts_without_an_id_go_by_position() -> None:
    turn = play(F.thought("", 1), F.thought("", 2), F.thought("", 1, thought="x"))
    assert [(t.position, t.thought) for t in turn.thoughts] == [(1, "x"), (2, "")]


def test_a_file_arrives_once() -> None:
    turn = play(F.file("f1"), F.file("f1"), F.file("f2"), F.message_end(files=[{"related_id": "f1"}]))
    assert [f.id for f in turn.files] == ["f1", "f2"]


def test_the_questions_files_are_not_the_answers() -> None:
    """message_end of a basic chat lists them too (81_chat_local_file)."""
    ours = File("x", "image", upload_file_id="17d3df2c-2d70-4b8d-b1f0-8f03fdc1af0f")
    turn = folded([body("81_chat_local_file")], Turn.asked("q", attachments=(ours,))).closed()
    assert (turn.files, turn.attachments) == ((), (ours,))
    assert play(F.file("f", belongs_to="user")).files == ()


def test_reasoning_grows_and_message_end_does_not_double_it() -> None:
    def chunk(text: str) -> bytes:
        return F.workflow("reasoning_chunk", reasoning=text, node_id="llm", is_final=False)

    end = F.event("message_end", metadata={"reasoning": {"llm": "let me think"}})
    assert play(chunk("let me "), chunk("think"), end).reasoning == "let me think"
    assert play(end).reasoning == "let me think"


def test_steps_keep_their_first_order_and_their_title() -> None:
    turn = play(
        F.node("node_started", "a", title="A"),
        F.node("iteration_started", "i", title="Each"),
        F.node("iteration_next", "i", title="", index=2),
        F.node("node_started", "b", title="B", iteration_id="i"),
        F.node("node_finished", "b", title="B", iteration_id="i", status="failed", error="no"),
        F.node("node_finished", "a", title="", status="succeeded", elapsed_time=1.5),
        F.node("iteration_completed", "i", title="Each", status="succeeded"),
        F.node("loop_started", "l"),
        F.node("loop_next", "l", index=1),
        F.node("loop_completed", "l"),
    )
    assert [(s.title, s.kind, s.state, s.parent) for s in turn.steps] == [
        ("A", "node", "succeeded", ""),
        ("Each", "iteration", "succeeded", ""),
        ("B", "node", "failed", "i"),
        ("LLM", "loop", "succeeded", ""),
    ]
    assert (turn.steps[0].elapsed, turn.steps[2].error) == (1.5, "no")


def test_a_hit_annotation_and_citations() -> None:
    end = F.message_end(
        citations=[{"position": 1, "document_name": "doc", "content": "text", "score": 0.8}],
        annotation={"id": "a1", "account": {"id": "u", "name": "Ada"}},
    )
    turn = play(F.message("a"), end).closed()
    assert turn.annotation == AnnotationReply("a1", "Ada")
    assert [(c.document_name, c.score) for c in turn.citations] == [("doc", 0.8)]


# How a stream's bytes end, and why.


def test_an_error_fails_and_keeps_the_text() -> None:
    turn = play(F.message("half"), F.error("rate_limit_error", 429, "slow"), F.message("late"))
    assert (turn.state, turn.answer) == ("failed", "half")
    assert turn.error == Failure("rate_limit_error", "slow", 429)
    assert turn.closed(BROKEN) is turn


def test_an_error_without_a_code() -> None:
    assert play(F.event("error")).error == Failure("unknown", "", None)


def test_an_error_after_message_end_is_none() -> None:
    assert play(F.message("a"), F.message_end(), F.error("x", 500, "y")).closed().state == "complete"


@pytest.mark.parametrize("status", ["succeeded", "partial-succeeded"])
def test_a_finished_workflow_is_enough(status: str) -> None:
    """message_end gets lost in some versions."""
    turn = play(F.message("a"), F.workflow_finished(status)).closed()
    assert (turn.state, turn.error) == ("complete", None)


def test_workflow_finished_and_message_end_in_either_order() -> None:
    one = play(F.message("a"), F.message_end(), F.workflow_finished())
    other = play(F.message("a"), F.workflow_finished(), F.message_end())
    assert one.closed() == other.closed()
    assert one.closed().state == "complete"


def test_a_bogus_failure_after_message_end_is_none() -> None:
    """Annotation hits and input moderation in chatflows end so."""
    failed = F.workflow_finished("failed", "Workflow stream ended without a terminal event")
    turn = play(F.message("a"), F.message_end(), F.workflow_started(), failed).closed()
    assert (turn.state, turn.error, turn.answer) == ("complete", None, "a")


def test_a_failed_workflow() -> None:
    assert play(F.workflow_finished("failed", "no")).closed().error == Failure("workflow_failed", "no")
    turn = play(F.message("a"), F.workflow_finished("failed")).closed()
    assert (turn.state, turn.error, turn.answer) == ("failed", Failure("workflow_failed"), "a")


@pytest.mark.parametrize(
    "end", [F.aborted(), F.workflow_finished("stopped"), F.workflow_finished("stopped", "x")]
)
def test_a_stopped_workflow(end: bytes) -> None:
    turn = play(F.message("part"), end).closed()
    assert (turn.state, turn.error, turn.answer) == ("stopped", None, "part")


def test_a_paused_workflow_and_its_form() -> None:
    required = F.workflow("human_input_required", form_token="k", form_id="f", node_title="Ask")
    turn = play(F.message("a"), required, required, F.workflow("workflow_paused")).closed()
    assert (turn.state, turn.final, turn.running) == ("paused", False, False)
    assert [(f.form_token, f.submitted) for f in turn.forms] == [("k", False)]
    assert play(F.workflow_finished("paused")).closed().state == "paused"
    (filled,) = play(F.workflow("human_input_form_filled"), turn=turn).forms
    (late,) = play(F.workflow("human_input_form_timeout"), turn=turn).forms
    assert [(f.submitted, f.expired) for f in (filled, late)] == [(True, False), (False, True)]
    again = turn.resumed("f", "Approve")
    assert (again.state, again.forms[0].choice, again.forms[0].submitted) == ("streaming", "Approve", True)
    assert play(F.message("b"), F.message_end(), turn=again).closed().answer == "ab"
    assert play(F.message("b"), F.message_end(), turn=turn).closed().state == "complete"


def test_the_bytes_just_end() -> None:
    turn = play(F.message("a")).closed()
    assert (turn.state, turn.error, turn.answer) == ("incomplete", Failure("incomplete"), "a")
    assert play(PING, PING).closed().state == "incomplete"


@pytest.mark.parametrize(
    ("cause", "text", "state"),
    [
        (BROKEN, "", "incomplete"),
        (BROKEN, "a", "incomplete"),
        (NotSent("connection_refused", "no"), "", "failed"),
        (Unauthorized("unauthorized", "no", 401), "", "failed"),
        (Unreachable("timed_out", "no"), "a", "incomplete"),
    ],
)
def test_the_cause_of_an_early_end(cause: DifyError, text: str, state: str) -> None:
    turn = play(F.message(text)).closed(cause)
    assert (turn.state, turn.answer) == (state, text)
    assert turn.error == Failure(cause.code, cause.message, cause.status)


def test_a_break_after_message_end_takes_nothing_away() -> None:
    turn = play(F.message("a"), F.message_end()).closed(BROKEN)
    assert (turn.state, turn.error) == ("complete", None)


def test_a_break_after_the_workflow_finished_takes_nothing_away() -> None:
    assert play(F.message("a"), F.workflow_finished()).closed(BROKEN).state == "complete"
    assert play(F.message("a"), F.aborted()).closed(BROKEN).state == "stopped"
    failed = play(F.message("a"), F.workflow_finished("failed", "why")).closed(BROKEN)
    assert (failed.state, failed.error) == ("failed", Failure("workflow_failed", "why"))


ANY = [
    F.message("x"),
    F.replaced("y"),
    F.thought("t"),
    F.file("f"),
    F.speech(b"s"),
    F.message_end(),
    F.error("e", 400, "m"),
    F.workflow_started(),
    F.workflow_finished("failed", "m"),
    F.workflow("workflow_paused"),
    F.node("node_started"),
    F.workflow("human_input_required", form_token="k"),
    b"data: broken\n\n",
    PING,
]
ENDS = {
    "complete": play(F.message("a"), F.message_end()).closed(),
    "stopped": play(F.message("a")).stopped(),
    "failed": play(F.message("a"), F.error("e", 500, "m")),
    "incomplete": play(F.message("a")).closed(BROKEN),
}


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_final_turn_returns_itself(state: str) -> None:
    turn = ENDS[state]
    assert turn.state == state
    for piece in ANY:
        assert play(piece, turn=turn) is turn
    for cause in (None, BROKEN):
        assert turn.closed(cause) is turn
    assert turn.stopped() is turn
    assert turn.lost(BROKEN) is turn
    assert recovered(turn, Turn.asked("q")) is turn


@given(st.lists(st.sampled_from(ANY), max_size=8), st.lists(st.sampled_from(ANY), max_size=8))
def test_whatever_comes_ends_in_one_final_state(before: list[bytes], after: list[bytes]) -> None:
    turn = play(*before)
    ended = turn.closed()
    assert ended.final or ended.state == "paused"
    assert ended.closed() == ended
    stopped = turn.stopped()
    assert play(*after, turn=stopped) is stopped
    assert stopped.final


# Stop.


def test_stopped_keeps_what_came() -> None:
    turn = play(F.message("part")).stopped()
    assert (turn.state, turn.answer, turn.error) == ("stopped", "part", None)
    assert Turn.asked("q").lost(BROKEN).stopped().error is None


def test_ids_and_usage_are_learned_after_a_stop_and_nothing_else() -> None:
    turn = Turn.asked("q").stopped()
    for event in (
        stream_events.AnswerDelta("task", "msg", "conv", "late"),
        stream_events.AnswerEnded("", "", "", None, (), (), None, "why"),
        events.parse(Frame("message", F.message_end()[6:].decode(), "")),
        None,
    ):
        turn = turn.learned(event)
    assert (turn.task_id, turn.message_id, turn.conversation_id) == ("task", "msg", "conv")
    assert (turn.state, turn.answer, turn.reasoning) == ("stopped", "", "")
    assert turn.usage is not None
    assert turn.usage.total_tokens == USAGE["total_tokens"]
    assert turn.learned(stream_events.AnswerDelta("t2", "m2", "c2", "x")) is turn


# Lost and found.


def test_a_lost_answer_is_looked_for_with_its_text_kept() -> None:
    turn = play(F.message("part")).lost(BROKEN)
    assert (turn.state, turn.answer, turn.running) == ("recovering", "part", True)
    assert turn.error == Failure("connection_lost", "The connection was lost.")


def test_a_found_answer_takes_the_place_of_the_part() -> None:
    ours = play(F.message("part"), turn=Turn.asked("q", id="ours", asked_at=10.0)).lost(BROKEN)
    theirs = Turn.from_message(message(id="msg", query="q", answer="part and rest", created_at=11.0))
    turn = recovered(ours, theirs)
    assert (turn.state, turn.answer, turn.id, turn.asked_at) == ("complete", "part and rest", "ours", 10.0)
    assert (turn.error, turn.message_id) == (None, "msg")


def test_a_found_failure_keeps_the_part() -> None:
    theirs = Turn.from_message(message(id="msg", query="q", status="error", error="quota"))
    turn = recovered(play(F.message("part")).lost(BROKEN), theirs)
    assert (turn.state, turn.answer, turn.error) == ("failed", "part", Failure("answer_failed", "quota"))


def message(**known: Any) -> Message:
    return Message(**{"id": "m", "query": "q", **known})


@dataclass(frozen=True)
class Told:
    known: dict[str, Any]
    state: str
    error: Failure | None = None
    answer: str = field(default="")


@pytest.mark.parametrize(
    "told",
    [
        Told({"answer": "a"}, "complete", answer="a"),
        Told({"answer": ""}, "incomplete", Failure("no_answer")),
        Told({"status": "error", "error": "bad"}, "failed", Failure("answer_failed", "bad")),
        Told({"status": "error", "answer": "x"}, "failed", Failure("answer_failed", ""), "x"),
        Told({"status": "error", "error": f"Run failed: {ABORTED}"}, "stopped"),
        Told({"status": "paused", "answer": "Before"}, "paused", answer="Before"),
        Told({"status": "a new word", "answer": "a"}, "complete", answer="a"),
    ],
)
def test_a_message_of_history(told: Told) -> None:
    turn = Turn.from_message(message(**told.known))
    assert (turn.state, turn.error, turn.answer) == (told.state, told.error, told.answer)
    assert (turn.id, turn.message_id, turn.query) == ("m", "m", "q")


def test_all_of_a_message_of_history() -> None:
    turn = Turn.from_message(
        message(
            conversation_id="c",
            answer="a",
            created_at=100.0,
            latency=2.5,
            total_tokens=9,
            total_price="0.1",
            files=(File("u", belongs_to="user"), File("f", belongs_to="assistant")),
            inputs={"nick": "Bo"},
        )
    )
    assert (turn.asked_at, turn.answered_at, turn.conversation_id) == (100.0, 102.5, "c")
    assert ([f.id for f in turn.attachments], [f.id for f in turn.files]) == (["u"], ["f"])
    assert turn.usage is not None
    assert (turn.usage.total_tokens, turn.usage.total_price) == (9, "0.1")
    assert turn.inputs == {"nick": "Bo"}
    assert Turn.from_message(message(total_tokens=0)).usage is None


def test_dify_wins_unless_its_answer_is_empty() -> None:
    ours = play(F.message("ours")).closed(BROKEN)
    full = merged(ours, Turn.from_message(message(answer="theirs")))
    assert (full.answer, full.state, full.error) == ("theirs", "complete", None)
    empty = merged(ours, Turn.from_message(message(answer="")))
    assert (empty.answer, empty.state, empty.error) == ("ours", ours.state, ours.error)


def test_a_stopped_answer_stays_stopped() -> None:
    ours = play(F.message("part")).stopped()
    for theirs in (message(answer="part"), message(answer="", status="error", error="Run failed"), message()):
        turn = merged(ours, Turn.from_message(theirs))
        assert (turn.state, turn.answer, turn.error) == ("stopped", "part", None)


def test_a_moderated_answer_is_never_restored() -> None:
    ours = play(F.message("bad"), F.replaced(""), F.message_end()).closed()
    assert merged(ours, Turn.from_message(message(answer=""))).answer == ""
    seen = play(F.message("bad")).closed(BROKEN)
    assert merged(seen, Turn.from_message(message(answer="Sorry."))).answer == "Sorry."


def test_what_only_the_stream_told_outlives_history() -> None:
    ours = play(F.node("node_started"), F.speech(b"x"), F.message("a"), F.message_end()).closed()
    turn = merged(ours, Turn.from_message(message(answer="a", created_at=100.0)))
    assert (turn.steps, turn.speech, turn.usage) == (ours.steps, b"x", ours.usage)

"""Answers of a real Dify in one piece, and what its history said of others: as Turns, and on the page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from routes import view
from services.dify.records import Message
from services.turn import Turn
from tests.unit.test_client import Said, ok
from tests.unit.transcripts import body

MODERATED, RESET = "Sorry, I cannot say that.", "Use the link on the login page."
SENTENCES = "".join(f"Sentence number {n} is here. " for n in range(12))
IN_ONE_PIECE = {
    "21_chat_blocking": ("complete", "Echo: blocking hello ", ""),
    "21_chat_mode_omitted": ("complete", "Echo: mode omitted ", ""),
    "50_tts_autoplay_blocking": ("complete", SENTENCES, ""),
    "51_moderation_input_chat_blocking": ("complete", "Your input was blocked.", ""),
    "53_flow_blocking": ("complete", "Got it: Echo: my name is Dave  (name=my name is Dave)", ""),
    "58_kb_chat_blocking": ("complete", "Echo: battery lasts how long ", ""),
    "94_chat_annotation_hit_blocking": ("complete", RESET, "Ada Admin"),
    "94_chat_annotation_hit_new": ("complete", "banana", "Ada Admin"),
    "a0_hitl_blocking": ("paused", "Before the form. ", ""),
}
"""Case -> state, answer, author of the annotation it came from."""
IN_HISTORY = {
    "35_err_model_rate_stream_messages_after": ("failed", "", "answer_failed"),
    "41_stop_agent_messages_after": ("incomplete", "", "no_answer"),
    "41_stop_chat_messages_after": ("complete", "w0 w1 w2 w3 w4 w5", None),
    "41_stop_flow_simple_messages_after": ("stopped", "", None),
    "51_moderation_output_chat_messages_after": ("complete", MODERATED, None),
    "53_flow_error_stream_messages_after": ("failed", "", "answer_failed"),
    "94_messages_annotation_hit": ("complete", RESET, None),
    "a0_hitl_messages_while_paused": ("paused", "Before the form. ", None),
    "b0_disconnect_chat_messages_now": ("incomplete", "", "no_answer"),
    "b0_disconnect_chat_messages_later": ("incomplete", "", "no_answer"),
    "b0_disconnect_flow_messages_now": ("incomplete", "", "no_answer"),
    "b0_disconnect_flow_messages_later": ("complete", "".join(f"w{n} " for n in range(16)), None),
}
"""Case -> state, answer and code of the page's last message."""


@pytest.mark.parametrize("case", IN_ONE_PIECE)
def test_an_answer_in_one_piece_comes_to(case: str) -> None:
    state, answer, author = IN_ONE_PIECE[case]
    turn = Turn.asked("q", whole=True)
    for event in Said(ok(case)).client().chat.send_blocking(query="q", user="u"):
        turn = turn.after(event)
    turn = turn.closed()
    said: dict[str, Any] = json.loads(body(case))
    ids = (turn.message_id, turn.conversation_id, turn.task_id)
    assert ids == (said["message_id"], said["conversation_id"], said["task_id"])
    assert (turn.state, turn.answer, turn.error) == (state, answer, None)
    assert (turn.annotation.author if turn.annotation else "") == author
    shown = view.whole(0, turn)
    assert (shown["state"], shown["answer"]) == (state, answer)


@pytest.mark.parametrize("case", IN_HISTORY)
def test_history_comes_to(case: str) -> None:
    turn = Turn.from_message(Message.from_json(json.loads(body(case))["data"][-1]))
    assert (turn.state, turn.answer, turn.error.code if turn.error else None) == IN_HISTORY[case]
    shown = view.whole(0, turn)
    assert (shown["state"], shown.get("answer", "")) == (turn.state, turn.answer)

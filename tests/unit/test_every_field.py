"""Any JSON at any place of what Dify says: it is read, folded, shown and kept, and nothing is raised.

The bodies and frames are recordings of a real server with one place, or several, changed. What the browser is
sent must be JSON to the letter: a NaN in it would stop the transcript.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.transcript import look
from routes import live, view
from services import saved
from services.apps import Profile
from services.calls import calls
from services.dify import events, sse
from services.dify.application import Info, Meta, Site
from services.dify.parameters import Parameters
from services.dify.records import Conversation, Message
from services.dify.sse import Frame
from services.dify.variables import Variable
from services.exports.csv_file import CsvFile
from services.exports.document import Document
from services.exports.html_page import HtmlPage
from services.exports.json_file import JsonFile
from services.exports.markdown_file import MarkdownFile
from services.turn import Turn
from services.uploads import Rules
from services.variable_types import brief
from tests.unit.test_records import JSON, places, recorded, swapped
from tests.unit.transcripts import body

STREAMS = (
    "20_chat_stream_new",
    "52_agent_tool_time",
    "53_flow_simple_stream",
    "53_flow_error_stream",
    "50_tts_autoplay_chat",
    "a0_hitl_chat_while_paused",
    "35_err_model_auth_stream",
)
MESSAGES = {
    "an agent's": recorded("b2_agent_disconnect_messages")["data"][0],
    "with a file": recorded("81_messages_with_file")["data"][0],
    "with a form": recorded("a0_hitl_messages_while_paused")["data"][0],
    "from history": recorded("61_messages_page1")["data"][0],
}
LOOSE = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
)
MANY = settings(LOOSE, max_examples=1_000)
"""For `make soak`."""
ODD = JSON | st.sampled_from([10**400, -(10**30), float("nan"), float("inf"), "\0", "\ud800", "x" * 9_000])


def strictly(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def shown(turn: Turn) -> None:
    """All that is made of a Turn: for the browser, for the database, for files."""
    told = live._json([view.whole(0, turn), view.changed(0, turn, view.PARTS)])
    json.loads(told, parse_constant=strictly)
    again = saved.from_row(json.loads(json.dumps(saved.to_row(turn))))
    assert again.answer == turn.answer
    for thought in turn.thoughts:
        calls(thought)
    document = Document(Conversation("c", "title"), (turn,))
    for writer in (CsvFile(), JsonFile(), MarkdownFile(), HtmlPage()):
        "".join([writer.head("title"), *writer.one(document), writer.foot()])


def odd(data: st.DataObject, known: Any) -> Any:
    """`known` with one to three of its places changed."""
    for _ in range(data.draw(st.integers(1, 3))):
        known = swapped(known, data.draw(st.sampled_from(places(known))), data.draw(ODD))
    return known


def streamed(case: str, data: st.DataObject) -> None:
    turn = Turn.asked("q")
    told = list(sse.read([body(case)]))
    assert told, "a stream"
    number = data.draw(st.integers(0, len(told) - 1))
    for at, frame in enumerate(told):
        said = frame
        if at == number:
            said = Frame(frame.event, json.dumps(odd(data, json.loads(frame.data))), frame.id)
        turn = turn.after(events.parse(said))
        if at >= number:
            view.whole(0, turn)
    shown(turn)
    shown(turn.closed())


@pytest.mark.parametrize("case", STREAMS)
@LOOSE
@given(data=st.data())
def test_a_frame_of_a_stream(case: str, data: st.DataObject) -> None:
    streamed(case, data)


@pytest.mark.soak
@pytest.mark.parametrize("case", STREAMS)
@MANY
@given(data=st.data())
def test_many_frames_of_a_stream(case: str, data: st.DataObject) -> None:
    streamed(case, data)


@pytest.mark.parametrize("what", MESSAGES)
@LOOSE
@given(data=st.data())
def test_a_message_of_history(what: str, data: st.DataObject) -> None:
    shown(Turn.from_message(Message.from_json(odd(data, MESSAGES[what]))))


@pytest.mark.soak
@pytest.mark.parametrize("what", MESSAGES)
@MANY
@given(data=st.data())
def test_many_messages_of_history(what: str, data: st.DataObject) -> None:
    shown(Turn.from_message(Message.from_json(odd(data, MESSAGES[what]))))


@LOOSE
@given(data=st.data())
def test_an_app(data: st.DataObject) -> None:
    profile = Profile(
        Info.from_json(odd(data, recorded("10_app_agent_info"))),
        Parameters.from_json(odd(data, recorded("10_app_chat_parameters"))),
        Site.from_json(odd(data, recorded("10_app_chat_site"))),
        Meta.from_json(odd(data, recorded("10_app_agent_meta"))),
    )
    json.loads(live._json(look.of("app", profile)), parse_constant=strictly)
    given_ = {field.variable: field.default for field in profile.parameters.user_input_form}
    assert isinstance(profile.opening(given_), str)
    Rules.of_chat(profile.parameters.file_upload)


@LOOSE
@given(data=st.data())
def test_a_variable(data: st.DataObject) -> None:
    assert isinstance(brief(Variable.from_json(odd(data, recorded("70_variables")["data"][2])).value), str)

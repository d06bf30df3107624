"""Records from what servers sent (recordings), from what the API documents promise, and from anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dify.annotations import Annotation, AnnotationJob
from services.dify.application import Info, Meta, Site, ToolIcon
from services.dify.client import Client
from services.dify.end_users import EndUser
from services.dify.feedbacks import Feedback
from services.dify.files import Upload
from services.dify.parameters import MEGABYTES, FileUpload, InputField, Parameters
from services.dify.records import Conversation, Message, Page, inputs, moment
from services.dify.variables import Variable, typed
from services.dify.workflows import WorkflowRun

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"


def recorded(case: str) -> Any:
    return json.loads((TRANSCRIPTS / case / "response.body").read_bytes())


def messages(case: str) -> tuple[Message, ...]:
    return Page.from_json(recorded(case), Message.from_json).data


def test_messages() -> None:
    page = Page.from_json(recorded("61_messages_page1"), Message.from_json)
    assert (page.has_more, page.limit, page.total, len(page.data)) == (True, 2, None, 2)
    last = page.data[-1]
    assert (last.query, last.answer, last.created_at) == (
        "blocking hello",
        "Echo: blocking hello",
        1795227080,
    )
    assert (last.status, last.error, last.rating, last.total_tokens) == ("normal", "", None, 59)
    assert last.inputs["nick"] is None


def test_a_message_with_a_file() -> None:
    first = messages("81_messages_with_file")[0]
    file = first.files[0]
    assert (file.name, file.belongs_to, file.size) == ("pic.png", "user", 311)
    assert file.upload_file_id == "17d3df2c-2d70-4b8d-b1f0-8f03fdc1af0f"


def test_an_abandoned_agent_message_keeps_its_thoughts() -> None:
    (message,) = messages("b2_agent_disconnect_messages")
    assert message.answer == ""
    assert [thought.tool for thought in message.thoughts] == ["current_time", ""]


def test_messages_that_failed_or_wait() -> None:
    failed = messages("53_flow_error_stream_messages_after")[-1]
    assert (failed.status, failed.answer) == ("error", "")
    assert failed.error
    paused = messages("a0_hitl_messages_while_paused")[0]
    assert paused.status == "paused"
    assert (paused.forms[0].form_token, paused.forms[0].submitted) == ("BFWusGSfaGUkprNjbfEzsj", False)
    assert messages("a0_hitl_messages_after")[0].forms[0].submitted


def test_a_rating() -> None:
    assert [message.rating for message in messages("61_messages_page2_first_id")] == ["like", None]
    assert Message.from_json({"feedback": {"rating": "sideways"}}).rating is None


def test_conversations() -> None:
    page = Page.from_json(recorded("63_conversations_default"), Conversation.from_json)
    assert all(c.id and c.name and c.created_at and c.updated_at for c in page.data)
    assert [c.updated_at for c in page.data] == sorted((c.updated_at for c in page.data), reverse=True)


def test_variables() -> None:
    page = Page.from_json(recorded("70_variables"), Variable.from_json)
    assert {v.name: v.value for v in page.data} == {
        "customer_name": "my name is Dave",
        "visits": 2,
        "prefs": {"theme": "dark"},
        "topics": ["a", "b"],
        "vip": False,
        "scores": [1, 2],
        "items": [{"k": 1}],
    }
    assert page.data[2].raw == "{'theme': 'dark'}"


@pytest.mark.parametrize(
    ("raw", "value_type", "value"),
    [
        ("3.5", "number", 3.5),
        (" -7 ", "number", -7),
        ("x", "number", "x"),
        ("12345678901234567890", "number", 12345678901234567890),
        ("True", "boolean", True),
        ("false", "boolean", False),
        ("maybe", "boolean", "maybe"),
        ('{"a": true}', "object", {"a": True}),
        ("{'a': True}", "object", {"a": True}),
        ('[{"k": null}]', "json", [{"k": None}]),
        ("[None]", "array[object]", [None]),
        ("['a'", "array[string]", "['a'"),
        ("__import__('os')", "object", "__import__('os')"),
        ("{1: 2}", "object", {1: 2}),
        ("7", "object", "7"),
        ("[" * 100_000, "array[string]", "[" * 100_000),
        ("{'a': 1}", "string", "{'a': 1}"),
        ({"a": 1}, "object", {"a": 1}),
        (5, "string", 5),
        (None, "object", None),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_typed(raw: Any, value_type: str, value: Any) -> None:
    assert typed(raw, value_type) == value
    assert type(typed(raw, value_type)) is type(value)


def test_parameters_of_a_chat() -> None:
    given = Parameters.from_json(recorded("10_app_chat_parameters"))
    assert given.opening_statement == "Hello {{nick}}, how can I help?"
    assert given.suggested_questions == ("What can you do?", "Show me markdown")
    assert given.suggested_questions_after_answer
    assert given.speech_to_text
    assert given.text_to_speech
    assert not given.speech_autoplay
    assert (given.voice, given.speech_language) == ("alloy", "en-US")
    assert not given.annotation_reply
    assert [(f.kind, f.variable, f.max_length) for f in given.user_input_form] == [
        ("text-input", "nick", 10),
        ("paragraph", "bg", 200),
        ("select", "tone", None),
        ("number", "age", None),
        ("checkbox", "verbose", None),
    ]
    assert given.user_input_form[2].options == ("formal", "casual")
    assert given.user_input_form[4].default is False
    upload = given.file_upload
    assert (upload.enabled, upload.number_limit, upload.megabytes) == (True, 3, MEGABYTES)
    assert upload.types == ("image", "document", "audio", "video")
    assert upload.extensions[:3] == ("jpg", "jpeg", "png")


def test_parameters_with_everything_off() -> None:
    given = Parameters.from_json(recorded("10_app_chat_off_parameters"))
    assert given.file_upload == FileUpload(types=("image",), extensions=("png", "jpg", "jpeg", "webp", "gif"))
    assert not (given.speech_to_text or given.text_to_speech or given.retriever_resource)


def test_parameters_with_annotation_reply() -> None:
    given = Parameters.from_json(recorded("93_parameters_after_enable"))
    assert (given.annotation_reply, given.annotation_threshold) == (True, 0.9)
    assert (given.embedding_provider, given.embedding_model) == ("h1/stub/stub", "stub-embed")


def test_parameters_of_an_older_document() -> None:
    """The Chinese document: `introduction`, images alone, a limit as text."""
    given = Parameters.from_json(
        {
            "introduction": "nice to meet you",
            "user_input_form": [
                {"text-input": {"label": "a", "variable": "a", "required": True, "max_length": 48}}
            ],
            "file_upload": {
                "image": {"enabled": True, "number_limits": 2, "transfer_methods": ["local_file"]}
            },
            "system_parameters": {"image_file_size_limit": "7"},
        }
    )
    assert given.opening_statement == "nice to meet you"
    assert given.user_input_form == (InputField("text-input", "a", "a", required=True, max_length=48),)
    upload = given.file_upload
    assert (upload.enabled, upload.types, upload.number_limit) == (True, ("image",), 2)
    assert upload.transfer_methods == ("local_file",)
    assert upload.megabytes == {**MEGABYTES, "image": 7}


def test_autoplay() -> None:
    speech = {"enabled": True, "autoPlay": "enabled"}
    assert Parameters.from_json({"text_to_speech": speech}).speech_autoplay
    assert not Parameters.from_json({"text_to_speech": {**speech, "enabled": False}}).speech_autoplay


def test_a_flat_input_field() -> None:
    field = InputField.from_json({"type": "select", "variable": "v", "options": ["a", 1, None]})
    assert field == InputField("select", "v", "v", options=("a", "1"))
    assert InputField.from_json({"select": {"label": "no variable"}}) is None


def test_info_site_and_meta() -> None:
    assert Info.from_json(recorded("10_app_chat_info")) == Info(
        "Basic chat", "Basic chat description", (), "chat", "Ada Admin"
    )
    site = Site.from_json(recorded("10_app_chat_site"))
    assert (site.title, site.icon, site.icon_background) == ("Basic chat", "🤖", "#FFEAD5")
    assert (site.chat_color_theme, site.icon_url, site.show_workflow_steps) == ("", "", True)
    icons = Meta.from_json(recorded("10_app_agent_meta")).tool_icons
    assert icons["draw"].url.endswith("/paint/icon")
    emoji = Meta.from_json({"tool_icons": {"t": {"background": "#252525", "content": "😁"}, "u": 3}})
    assert emoji.tool_icons == {"t": ToolIcon(content="😁", background="#252525")}


def test_an_upload_of_an_older_document() -> None:
    assert Upload.from_json({"id": "u", "created_by": 123}).created_by == "123"


def test_feedback_and_end_user_times_have_no_zone() -> None:
    feedback = Page.from_json(recorded("62_app_feedbacks"), Feedback.from_json).data[0]
    assert (feedback.rating, feedback.content, feedback.created_at) == ("dislike", "bad: wrong", 1795227357)
    user = EndUser.from_json(recorded("83_end_user"))
    assert (user.user, user.is_anonymous, user.created_at) == ("u1", False, 1795227011)


def test_jobs_of_both_documents() -> None:
    states = ["waiting", "processing", "completed", "error", "succeeded", "failed", "new", None]
    read = [AnnotationJob.from_json({"job_status": state}).status for state in states]
    assert read == ["waiting", "processing", "completed", "error", "completed", "error", "new", "waiting"]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1705407629, 1705407629),
        (1705407629.5, 1705407629.5),
        (1650000000000, 1650000000),
        ("1705407629", 1705407629),
        ("2026-11-21T02:15:57", 1795227357),
        ("2026-11-21T02:15:57.335370", 1795227357.33537),
        ("2026-11-21T02:15:57Z", 1795227357),
        ("2026-11-21T03:15:57+01:00", 1795227357),
        ("yesterday", None),
        ("", None),
        (None, None),
        (True, None),
        ([], None),
        (-5, None),
        (10**30, None),
        (float("nan"), None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_moments(value: Any, seconds: float | None) -> None:
    assert moment(value) == seconds


def test_inputs_of_all_documents() -> None:
    assert inputs({"a": 1}) == {"a": 1}
    assert inputs([{"a": 1}, {"b": 2}, 3]) == {"a": 1, "b": 2}
    assert inputs("x") == inputs(None) == inputs([]) == {}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["1e999", "9" * 400, "nan", "2026-11-21", "enabled"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
READERS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "Annotation": (Annotation.from_json, recorded("92_ann_create_0")),
    "AnnotationJob": (AnnotationJob.from_json, recorded("93_reply_enable_status_poll")),
    "Conversation": (Conversation.from_json, recorded("63_conversations_default")["data"][0]),
    "EndUser": (EndUser.from_json, recorded("83_end_user")),
    "Feedback": (Feedback.from_json, recorded("62_app_feedbacks")["data"][0]),
    "Info": (Info.from_json, recorded("10_app_chat_info")),
    "Message": (Message.from_json, recorded("b2_agent_disconnect_messages")["data"][0]),
    "Message with a file": (Message.from_json, recorded("81_messages_with_file")["data"][0]),
    "Message with a form": (Message.from_json, recorded("a0_hitl_messages_while_paused")["data"][0]),
    "Meta": (Meta.from_json, recorded("10_app_agent_meta")),
    "Page": (lambda value: Page.from_json(value, Message.from_json), recorded("61_messages_page1")),
    "Parameters": (Parameters.from_json, recorded("10_app_chat_parameters")),
    "Site": (Site.from_json, recorded("10_app_chat_site")),
    "Upload": (Upload.from_json, recorded("80_upload_png")),
    "Variable": (Variable.from_json, recorded("70_variables")["data"][2]),
    "WorkflowRun": (WorkflowRun.from_json, recorded("a3_workflow_run_detail")),
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [path, *(place for key in keys for place in places(value[key], (*path, key)))]


def swapped(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = swapped(value[path[0]], path[1:], other)
    return copy


def check(record: Any, like: Any) -> None:
    """Every field still has a type it may have: text stays text, numbers are numbers or None."""
    for field in fields(record):
        value, usual = getattr(record, field.name), getattr(like, field.name)
        if isinstance(usual, str | bool | tuple):
            loose = field.name in {"raw", "value", "default", "rating"}
            assert loose or type(value) is type(usual), field.name
        if is_dataclass(usual):
            check(value, usual)
        if isinstance(usual, tuple) and usual and is_dataclass(usual[0]):
            for part in value:
                check(part, usual[0])


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_anything_anywhere(name: str, data: st.DataObject) -> None:
    read, body = READERS[name]
    path = data.draw(st.sampled_from(places(body)))
    check(read(swapped(body, path, data.draw(JSON))), read(body))


@pytest.mark.parametrize("name", READERS)
def test_nothing_is_a_record_too(name: str) -> None:
    read, body = READERS[name]
    for nothing in (
        None,
        [],
        {},
        "",
        0,
        dict.fromkeys(body),
        {key: [] for key in body},
        dict.fromkeys(body, "x"),
    ):
        read(nothing)


def listed(*rows: tuple[str, Any]) -> list[str]:
    page = {"data": [{"id": name, "created_at": at} for name, at in rows], "has_more": False, "limit": 20}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=page))
    with Client("http://dify.example/v1", "app-x", transport) as client:
        return [message.id for message in client.messages.list("c", "u").data]


def test_messages_are_listed_oldest_first() -> None:
    assert listed(("a", 1), ("b", 2), ("c", 3)) == ["a", "b", "c"]
    assert listed(("c", 3), ("b", 2), ("a", 1)) == ["a", "b", "c"]
    assert listed(("b", 2), ("a", 1), ("c", 3)) == ["a", "b", "c"]


def test_messages_of_one_second_keep_their_order() -> None:
    assert listed(("a", 1), ("b", 1), ("c", 2)) == ["a", "b", "c"]
    assert listed(("c", 2), ("b", 1), ("a", 1)) == ["a", "b", "c"]
    assert listed(("a", 1), ("b", 1)) == ["a", "b"]


def test_messages_without_a_time() -> None:
    assert listed(("a", 1), ("b", None), ("c", 3)) == ["a", "b", "c"]
    assert listed(("a", None), ("b", None)) == ["a", "b"]
    assert listed(("b", 1650000000000), ("a", 1640000000)) == ["a", "b"]

"""The client: what it sends, what it makes of the answers, what it repeats, and that its key stays inside."""

from __future__ import annotations

import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dify import stream_events
from services.dify.client import Client
from services.dify.errors import (
    BrokenStream,
    DifyError,
    EndpointMissing,
    Invalid,
    NotFound,
    NotSent,
    ServerFailed,
    Unauthorized,
    Unintelligible,
    Unreachable,
)
from services.dify.patience import Patience
from tests.wire import STREAM, Line, Request, Wire

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"
KEY = "app-canary-7f3a"
FAST = Patience(pause=0.001)


def body_of(case: str) -> bytes:
    return (TRANSCRIPTS / case / "response.body").read_bytes()


class Said:
    """A transport that answers each request with the next of `answers`, and keeps the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def client(self) -> Client:
        return Client("https://dify.example/v1", KEY, httpx.MockTransport(self._answer), FAST)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def sent(self) -> tuple[str, str, Any]:
        request = self.requests[-1]
        body = (
            json.loads(request.content) if request.headers.get("content-type") == "application/json" else None
        )
        return request.method, request.url.raw_path.decode(), body


def ok(case: str | None = None, *, status: int = 200, content: Any = None) -> httpx.Response:
    if case is not None:
        return httpx.Response(status, content=body_of(case), headers={"Content-Type": "application/json"})
    return httpx.Response(status, json=content)


CALLS: dict[str, tuple[str, Callable[[Client], Any], tuple[str, str, Any]]] = {
    "info": ("10_app_chat_info", lambda c: c.application.info(), ("GET", "/v1/info", None)),
    "parameters": (
        "10_app_chat_parameters",
        lambda c: c.application.parameters(),
        ("GET", "/v1/parameters", None),
    ),
    "meta": ("10_app_agent_meta", lambda c: c.application.meta(), ("GET", "/v1/meta", None)),
    "site": ("10_app_chat_site", lambda c: c.application.site(), ("GET", "/v1/site", None)),
    "stop": (
        "41_stop_chat_call",
        lambda c: c.chat.stop("t/1", "u"),
        ("POST", "/v1/chat-messages/t%2F1/stop", {"user": "u"}),
    ),
    "conversations": (
        "63_conversations_default",
        lambda c: c.conversations.list("u", last_id="x", limit=5),
        ("GET", "/v1/conversations?user=u&last_id=x&limit=5&sort_by=-updated_at", None),
    ),
    "rename": (
        "64_rename",
        lambda c: c.conversations.rename("a b", "u", name="My renamed chat"),
        (
            "POST",
            "/v1/conversations/a%20b/name",
            {"name": "My renamed chat", "auto_generate": False, "user": "u"},
        ),
    ),
    "delete": (
        "65_delete",
        lambda c: c.conversations.delete("../x", "u"),
        ("DELETE", "/v1/conversations/..%2Fx", {"user": "u"}),
    ),
    "messages": (
        "61_messages_page1",
        lambda c: c.messages.list("conv123", "ü&x=1"),
        ("GET", "/v1/messages?conversation_id=conv123&user=%C3%BC%26x%3D1&limit=20", None),
    ),
    "suggested": (
        "60_suggested",
        lambda c: c.messages.suggested("m", "u"),
        ("GET", "/v1/messages/m/suggested?user=u", None),
    ),
    "feedback": (
        "62_feedback_like",
        lambda c: c.feedbacks.give("m", "u", "like", "great"),
        ("POST", "/v1/messages/m/feedbacks", {"rating": "like", "user": "u", "content": "great"}),
    ),
    "feedbacks": (
        "62_app_feedbacks",
        lambda c: c.feedbacks.list(),
        ("GET", "/v1/app/feedbacks?page=1&limit=20", None),
    ),
    "variables": (
        "70_variables",
        lambda c: c.variables.list("c", "u"),
        ("GET", "/v1/conversations/c/variables?user=u&limit=100", None),
    ),
    "variable": (
        "71_var_put_string",
        lambda c: c.variables.update("c", "v", "u", {"a": [1]}),
        ("PUT", "/v1/conversations/c/variables/v", {"value": {"a": [1]}, "user": "u"}),
    ),
    "annotations": (
        "92_ann_list_page1_limit2",
        lambda c: c.annotations.list(page=1, limit=2, keyword="x"),
        ("GET", "/v1/apps/annotations?page=1&limit=2&keyword=x", None),
    ),
    "annotate": (
        "92_ann_create_0",
        lambda c: c.annotations.create("q", "a"),
        ("POST", "/v1/apps/annotations", {"question": "q", "answer": "a"}),
    ),
    "re-annotate": (
        "92_ann_update",
        lambda c: c.annotations.update("i", "q", "a"),
        ("PUT", "/v1/apps/annotations/i", {"question": "q", "answer": "a"}),
    ),
    "un-annotate": (
        "92_ann_delete",
        lambda c: c.annotations.delete("i"),
        ("DELETE", "/v1/apps/annotations/i", None),
    ),
    "job": (
        "93_reply_enable_status_poll",
        lambda c: c.annotations.status("enable", "j"),
        ("GET", "/v1/apps/annotation-reply/enable/status/j", None),
    ),
    "end user": ("83_end_user", lambda c: c.end_users.get("e"), ("GET", "/v1/end-users/e", None)),
    "run": ("a3_workflow_run_detail", lambda c: c.workflows.run("r"), ("GET", "/v1/workflows/run/r", None)),
    "form": ("a1_form_get", lambda c: c.human_input.form("t"), ("GET", "/v1/form/human_input/t", None)),
    "submit": (
        "a1_form_post",
        lambda c: c.human_input.submit("t", "u", {"comment": "x"}, "approve"),
        ("POST", "/v1/form/human_input/t", {"inputs": {"comment": "x"}, "action": "approve", "user": "u"}),
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_and_its_recorded_answer(name: str) -> None:
    case, call, sent = CALLS[name]
    said = Said(ok(case))
    call(said.client())
    assert said.sent == sent
    headers = said.requests[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["accept"] == "application/json"
    assert headers["user-agent"] == "dify-console"
    assert ("content-type" in headers) == (sent[2] is not None)


def test_what_the_calls_give_back() -> None:
    def client(case: str) -> Client:
        return Said(ok(case)).client()

    assert client("60_suggested").messages.suggested("m", "u") == (
        "What is next?",
        "How does it work?",
        "Tell me more",
    )
    renamed = client("64_rename").conversations.rename("c", "u", name="x")
    assert renamed is not None
    assert renamed.name == "My renamed chat"
    assert client("41_stop_chat_call").conversations.rename("c", "u", name="x") is None, "only success"
    assert client("92_ann_list_page1_limit2").annotations.list().total == 8
    assert client("83_end_user").end_users.get("e").user == "u1"
    form = client("a1_form_get").human_input.form("token")
    assert [action["id"] for action in form.actions] == ["approve", "reject"]
    assert (form.form_token, form.expires_at) == ("token", 1795231392)
    run = client("a3_workflow_run_detail").workflows.run("r")
    assert (run.status, run.outputs["answer"][:6]) == ("succeeded", "Before")


def test_annotation_reply_in_both_spellings() -> None:
    for action in ("enable", "disable"):
        said = Said(ok("93_reply_enable"))
        job = getattr(said.client().annotations, action)(0.9, "p", "m")
        assert (job.id, job.status) == ("6fc43720-515e-4a84-9945-a1b961b0455c", "waiting")
        assert said.sent == (
            "POST",
            f"/v1/apps/annotation-reply/{action}",
            {
                "score_threshold": 0.9,
                "embedding_provider_name": "p",
                "embedding_model_name": "m",
                "embedding_model_provider": "p",
                "embedding_model": "m",
            },
        )


def test_a_question() -> None:
    said = Said(
        httpx.Response(
            200, content=body_of("20_chat_stream_new"), headers={"Content-Type": "text/event-stream"}
        )
    )
    with said.client().chat.send(
        query="q",
        user="u",
        inputs={"a": 1},
        conversation_id="c",
        files=[{"type": "image", "upload_file_id": "f"}],
    ) as stream:
        got = list(stream)
    assert said.sent == (
        "POST",
        "/v1/chat-messages",
        {
            "query": "q",
            "user": "u",
            "inputs": {"a": 1},
            "response_mode": "streaming",
            "conversation_id": "c",
            "auto_generate_name": True,
            "files": [{"type": "image", "upload_file_id": "f"}],
        },
    )
    assert said.requests[0].headers["accept"] == "text/event-stream"
    assert isinstance(got[-1], stream_events.AnswerEnded)


def test_inputs_are_always_sent_and_empty_files_never() -> None:
    said = Said(ok("21_chat_blocking"))
    said.client().chat.send_blocking(query="q", user="u", files=[])
    assert said.sent[2] == {
        "query": "q",
        "user": "u",
        "inputs": {},
        "response_mode": "blocking",
        "conversation_id": "",
        "auto_generate_name": True,
    }


def test_a_blocking_answer_says_the_same_as_a_stream() -> None:
    delta, end = Said(ok("21_chat_blocking")).client().chat.send_blocking(query="q", user="u")
    assert isinstance(delta, stream_events.AnswerDelta)
    assert delta.text == "Echo: blocking hello "
    assert isinstance(end, stream_events.AnswerEnded)
    assert end.usage is not None
    assert end.usage.total_tokens == 59
    assert end.message_id == delta.message_id == "57c09ddc-d555-4d01-9d05-91dc9ede6bf9"


def test_a_blocking_answer_that_waits_for_a_person() -> None:
    got = Said(ok("a0_hitl_blocking")).client().chat.send_blocking(query="q", user="u")
    assert [type(event) for event in got] == [
        stream_events.AnswerDelta,
        stream_events.HumanInputRequired,
        stream_events.WorkflowPaused,
    ]
    form = got[1]
    assert isinstance(form, stream_events.HumanInputRequired)
    assert form.form.form_token == "RqeiR74ZusD86HWAwlcJWH"


def test_events_of_a_run() -> None:
    said = Said(
        httpx.Response(
            200, content=body_of("a2_events_finished_run"), headers={"Content-Type": "text/event-stream"}
        )
    )
    with said.client().workflows.events("r", "u", snapshot=True) as stream:
        assert isinstance(next(iter(stream)), stream_events.WorkflowStarted)
    assert said.sent == ("GET", "/v1/workflow/r/events?user=u&include_state_snapshot=true", None)


def test_an_upload() -> None:
    said = Said(ok("80_upload_png", status=201))
    upload = said.client().files.upload("pïc.png", b"\x89PNG", "image/png", "u")
    assert (upload.id, upload.size, upload.mime_type) == (
        "17d3df2c-2d70-4b8d-b1f0-8f03fdc1af0f",
        311,
        "image/png",
    )
    request = said.requests[0]
    assert request.headers["content-type"].startswith("multipart/form-data")
    assert (
        b'name="file"; filename="p\xc3\xafc.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n'
        in request.content
    )
    assert b'name="user"\r\n\r\nu\r\n' in request.content
    assert request.extensions["timeout"]["write"] == 120


def test_speech_to_text() -> None:
    said = Said(ok("90_stt_audio_wav"))
    heard = said.client().audio.to_text("a.wav", b"RIFF", "audio/wav", "u")
    assert heard == "hello world this is a stub transcript"
    assert b"Content-Type: audio/wav" in said.requests[0].content


def test_speech() -> None:
    said = Said(httpx.Response(200, content=b"ID3mp3", headers={"Content-Type": "audio/mpeg"}))
    with said.client().audio.speech("u", message_id="m") as speech:
        assert b"".join(speech.chunks) == b"ID3mp3"
        assert speech.media_type == "audio/mpeg"
    assert said.sent == ("POST", "/v1/text-to-audio", {"message_id": "m", "user": "u"})


def test_no_speech_is_null() -> None:
    with (
        pytest.raises(Unintelligible) as caught,
        Said(ok("91_tts_bad_message_id")).client().audio.speech("u", message_id="abc"),
    ):
        pass
    assert caught.value.code == "not_audio"


def test_a_preview() -> None:
    said = Said(
        httpx.Response(
            200,
            content=b"PNG",
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Disposition": "attachment; filename*=UTF-8''p%C3%AFc.png",
            },
        )
    )
    with said.client().files.preview("f", as_attachment=True) as download:
        assert (download.name, download.size, download.media_type) == (
            "pïc.png",
            3,
            "application/octet-stream",
        )
        assert b"".join(download.chunks) == b"PNG"
    assert said.sent == ("GET", "/v1/files/f/preview?as_attachment=true", None)


def test_a_download_that_breaks() -> None:
    def script(line: Line, _: Request) -> None:
        line.say(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 10\r\n\r\nhalf")

    with (
        Wire(script) as wire,
        Client(wire.url, KEY) as client,
        client.files.preview("f") as download,
        pytest.raises(BrokenStream),
    ):
        b"".join(download.chunks)


@pytest.mark.parametrize("name", ["info", "site", "meta"])
@pytest.mark.parametrize("html", [True, False])
def test_older_servers_lack_parts(name: str, html: bool) -> None:
    kind = "text/html" if html else "application/json"
    missing = httpx.Response(404, content=b"<html>" if html else b"{}", headers={"Content-Type": kind})
    record = getattr(Said(missing).client().application, name)()
    assert record == type(record)()


@pytest.mark.parametrize("name", ["info", "site", "meta", "parameters"])
def test_a_refused_key_is_refused_everywhere(name: str) -> None:
    with pytest.raises(Unauthorized):
        getattr(Said(ok("30_err_bad_key", status=401)).client().application, name)()


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_an_id_stays_in_its_place(identifier: str) -> None:
    said = Said()
    with pytest.raises(NotFound):
        said.client().conversations.delete(identifier, "u")
    assert not said.requests


BUSY = {status: httpx.Response(status, content=b"") for status in (502, 503, 504)}
REPEATED: list[Callable[[Client], Any]] = [
    lambda c: c.application.info(),
    lambda c: c.conversations.delete("c", "u"),
    lambda c: c.variables.update("c", "v", "u", 1),
    lambda c: c.annotations.update("i", "q", "a"),
    lambda c: c.chat.stop("t", "u"),
]
SENT_ONCE: list[Callable[[Client], Any]] = [
    lambda c: c.chat.send(query="q", user="u").__enter__(),
    lambda c: c.chat.send_blocking(query="q", user="u"),
    lambda c: c.files.upload("n", b"", "t/t", "u"),
    lambda c: c.annotations.create("q", "a"),
    lambda c: c.annotations.enable(0.9, "p", "m"),
    lambda c: c.feedbacks.give("m", "u", None),
    lambda c: c.audio.to_text("n", b"", "audio/wav", "u"),
    lambda c: c.audio.speech("u", words="w").__enter__(),
    lambda c: c.conversations.rename("c", "u", auto_generate=True),
    lambda c: c.human_input.submit("t", "u", {}, "a"),
]
PASSING = [
    *BUSY.values(),
    httpx.ReadError("reset"),
    httpx.ConnectError("refused"),
    httpx.RemoteProtocolError("gone"),
]
LASTING = [httpx.Response(500), httpx.Response(429), httpx.Response(400), httpx.ReadTimeout("t")]


@pytest.mark.parametrize("call", REPEATED)
@pytest.mark.parametrize("trouble", PASSING, ids=repr)
def test_harmless_requests_are_repeated(call: Callable[[Client], Any], trouble: Any) -> None:
    said = Said(trouble, trouble, ok(content={}))
    call(said.client())
    assert len(said.requests) == 3
    assert len({request.content for request in said.requests}) == 1


@pytest.mark.parametrize("call", REPEATED)
def test_but_not_for_ever(call: Callable[[Client], Any]) -> None:
    said = Said(*[httpx.Response(503)] * 9)
    with pytest.raises(ServerFailed):
        call(said.client())
    assert len(said.requests) == 3


@pytest.mark.parametrize("call", REPEATED)
@pytest.mark.parametrize("trouble", LASTING, ids=repr)
def test_and_not_in_vain(call: Callable[[Client], Any], trouble: Any) -> None:
    said = Said(trouble, ok(content={}))
    with pytest.raises(DifyError):
        call(said.client())
    assert len(said.requests) == 1


@pytest.mark.parametrize("call", SENT_ONCE)
@pytest.mark.parametrize("trouble", [*PASSING, *LASTING], ids=repr)
def test_the_others_are_sent_once(call: Callable[[Client], Any], trouble: Any) -> None:
    said = Said(trouble, ok(content={}))
    with pytest.raises(DifyError):
        call(said.client())
    assert len(said.requests) == 1


def test_deleted_by_the_first_attempt() -> None:
    """The server deletes, then the connection breaks: the repeat's 404 is good news."""
    gone = threading.Event()

    def script(line: Line, _: Request) -> None:
        if gone.is_set():
            line.answer(
                "404 NOT FOUND", b'{"code":"not_found","message":"Conversation Not Exists.","status":404}'
            )
        gone.set()

    with Wire(script) as wire, Client(wire.url, KEY, patience=FAST) as client:
        client.conversations.delete("c", "u")
        assert len(wire.requests) == 2
        with pytest.raises(NotFound):
            client.conversations.delete("c", "u")


def test_a_missing_endpoint_deletes_nothing() -> None:
    said = Said(httpx.Response(503), httpx.Response(404, html="<html>"))
    with pytest.raises(EndpointMissing):
        said.client().annotations.delete("i")


def test_a_cut_body_is_asked_for_again() -> None:
    answers = iter([b'{"name"', b'{"name": "x"}  '])

    def script(line: Line, _: Request) -> None:
        line.say(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" + next(answers)
        )

    with Wire(script) as wire, Client(wire.url, KEY, patience=FAST) as client:
        assert client.application.info().name == "x"


def test_a_slow_drip_ends() -> None:
    def script(line: Line, _: Request) -> None:
        line.say(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
        while not line.wait(0.02):
            line.say(b" ")

    with (
        Wire(script) as wire,
        Client(wire.url, KEY, patience=Patience(answer=0.2)) as client,
        pytest.raises(Unreachable) as caught,
    ):
        client.application.info()
    assert caught.value.code == "timed_out"


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (httpx.Response(200, html="<html>Sign in</html>"), "html_answer"),
        (httpx.Response(200, content=b"  <!doctype html>"), "html_answer"),
        (httpx.Response(200, content=b'{"name": '), "not_json"),
        (httpx.Response(200, content=b"[" * 100_000), "not_json"),
        (httpx.Response(200, content=b'{"a": "\xff"}'), "not_json"),
        (httpx.Response(200, content=b"1" * 5000), "not_json"),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), "redirected"),
        (httpx.Response(308, headers={"Location": "/v1/info/"}), "redirected"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_answers_that_are_none(response: httpx.Response, code: str) -> None:
    said = Said(response)
    with pytest.raises(Unintelligible) as caught:
        said.client().application.info()
    assert caught.value.code == code
    assert len(said.requests) == 1, "a redirect is not followed: it would carry the key"


def test_an_error_under_a_200() -> None:
    with pytest.raises(Invalid, match="App unavailable"):
        Said(
            ok(content={"code": "app_unavailable", "message": "App unavailable", "status": 400})
        ).client().application.info()


def test_halves_of_surrogate_pairs() -> None:
    """They have no UTF-8: on the way out they must not stop a question, on the way in no database."""
    said = Said(httpx.Response(200, content=rb'{"answer": "a\ud83d", "message_id": "\uD83D\uDE00"}'))
    delta = said.client().chat.send_blocking(query="x\ud83d", user="u")[0]
    assert isinstance(delta, stream_events.AnswerDelta)
    assert (delta.text, delta.message_id) == ("a\ufffd", "😀")
    assert said.sent[2]["query"] == "x?"
    named = Said(httpx.Response(200, content=rb'{"name": "a\uD83D", "description": "\ud83d\ude00"}'))
    info = named.client().application.info()
    assert (info.name, info.description) == ("a\ufffd", "😀")


@given(text=st.text(alphabet=st.characters(categories=["Cs", "Cc", "L", "P"]), min_size=1, max_size=6))
def test_any_text_can_be_sent(text: str) -> None:
    """Ids come from an address bar, words from a keyboard: none of them is an error of ours."""
    said = Said(*[ok(content={})] * 7)
    client = said.client()
    client.messages.list(text, text)
    client.annotations.list(keyword=text)
    client.files.upload(text, b"x", "a/b", text)
    client.feedbacks.give("m", text, "like", text)
    with suppress(NotFound):  # "." and ".." are no ids
        client.end_users.get(text)
        assert said.requests[-1].url.raw_path.startswith(b"/v1/end-users/")
        assert said.requests[-1].url.raw_path.count(b"/") == 3
        assert b"?" not in said.requests[-1].url.raw_path


def test_a_huge_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.dify.body.LARGEST", 1000)
    with pytest.raises(Unintelligible) as caught:
        Said(ok(content={"name": "x" * 2000})).client().application.info()
    assert caught.value.code == "too_long"


def test_a_closed_port() -> None:
    with Wire(lambda line, _: None) as wire:
        pass
    with Client(wire.url, KEY, patience=FAST) as client, pytest.raises(NotSent) as caught:
        client.application.info()
    assert caught.value.code == "connection_refused"


def test_a_name_nobody_has() -> None:
    with (
        Client("http://no-such-host.invalid/v1", KEY, patience=FAST) as client,
        pytest.raises(NotSent) as caught,
    ):
        client.application.info()
    assert caught.value.code in {"unknown_host", "proxy_failed", "connection_refused"}


def test_tls_where_there_is_none() -> None:
    def plain(listener: socket.socket) -> None:
        for _ in range(1 + FAST.repeats):
            connection, _address = listener.accept()
            with connection:
                connection.recv(1)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=plain, args=(listener,))
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
        with Client(url, KEY, patience=FAST) as client, pytest.raises(NotSent) as caught:
            client.application.info()
        thread.join()
    assert caught.value.code == "tls_failed"


def test_the_environment_has_no_say_over_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with (
        Wire(lambda line, _: line.answer("200 OK", b"{}")) as wire,
        Client(wire.url, KEY, patience=FAST) as client,
    ):
        client.application.info()
    with Client("http://dify.example/v1", KEY, patience=FAST) as client, pytest.raises(NotSent):
        client.application.info()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "dify.example/v1",
        "ftp://dify.example",
        "http://",
        "https://me:secret@dify.example/v1",
        "http://a:b:c/v1",
        "http://\0/v1",
    ],
)
def test_a_base_url_that_cannot_work(url: str) -> None:
    with pytest.raises(ValueError, match="base_url") as caught:
        Client(url, KEY)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "app-ü", "app-x\r\nX-Evil: 1", "app x", "app-x\n"])
def test_a_key_that_cannot_work(key: str) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        Client("http://dify.example/v1", key)
    assert not key or key not in str(caught.value)


def leaves(error: BaseException) -> str:
    """All that a log, a traceback or a debugger's summary could show of an error."""
    seen: list[str] = []
    walk: BaseException | None = error
    while walk is not None:
        seen += [str(walk), repr(walk), repr(walk.args), repr(vars(walk))]
        assert isinstance(walk, DifyError), "no transport error, which holds the request, hangs behind ours"
        walk = walk.__cause__ or walk.__context__
    return "".join([*seen, *traceback.format_exception(error)])


@pytest.mark.parametrize(
    "trouble",
    [
        *LASTING,
        *PASSING,
        httpx.Response(200, html="<html>"),
        httpx.Response(302),
        httpx.Response(400, json={"code": "x", "message": f"You said Bearer {KEY}", "status": 400}),
    ],
    ids=repr,
)
def test_the_key_stays_inside(trouble: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = Said(*[trouble] * 3)
    client = said.client()
    for call in (lambda: client.messages.list("c", "someone"), lambda: SENT_ONCE[0](client)):
        said.answers = [trouble] * 3
        with pytest.raises(DifyError) as caught:
            call()
        assert KEY not in leaves(caught.value)
    assert KEY not in caplog.text + repr(client) + repr(client.chat) + str(vars(client))
    assert "someone" not in caplog.text


def test_a_broken_stream_does_not_show_the_key() -> None:
    def script(line: Line, _: Request) -> None:
        line.say(STREAM)

    with (
        Wire(script) as wire,
        Client(wire.url, KEY) as client,
        pytest.raises(BrokenStream) as caught,
        client.chat.send(query="q", user="u") as stream,
    ):
        list(stream)
    assert KEY not in leaves(caught.value)


def test_many_threads_share_one_client() -> None:
    def script(line: Line, request: Request) -> None:
        name = request.target.rpartition("/")[2]
        line.answer("200 OK", json.dumps({"id": name}).encode())

    got: list[tuple[str, str]] = []
    with Wire(script) as wire, Client(wire.url, KEY) as client:

        def ask(name: str) -> None:
            got.append((name, client.end_users.get(name).id))

        threads = [threading.Thread(target=ask, args=(f"e{i}",)) for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(got) == 20
    assert all(asked == answered for asked, answered in got)

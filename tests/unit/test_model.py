"""A language model behind an OpenAI-compatible API, played by a real server."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from embedded import model as model_module
from embedded.model import UNREADABLE, Model, ModelFailed

KEY = "sk-canary-0123456789"
ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Größe?"}]


def piece(text: str = "", finish: str | None = None, **delta: str) -> bytes:
    choice = {"index": 0, "delta": {"content": text, **delta}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


@dataclass
class Provider:
    """What the server answers next, and what it was asked."""

    port: int = 0
    status: int = 200
    kind: str = "text/event-stream"
    script: list[bytes | threading.Event] = field(default_factory=list)
    models: bytes = b'{"data": [{"id": "first-model"}, {"id": "second"}]}'
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)

    def model(self, **environment: str) -> Model:
        given = {"OPENAI_BASE_URL": f"http://127.0.0.1:{self.port}/v1/", "OPENAI_API_KEY": KEY}
        made = Model.from_environment({**given, "OPENAI_MODEL": "some-model", **environment})
        assert made is not None
        return made


@pytest.fixture
def provider() -> Iterator[Provider]:
    played = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            played.asked.append((self.path, dict(self.headers), None))
            self._answer(200, "application/json", [played.models])

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            played.asked.append((self.path, dict(self.headers), body))
            self._answer(played.status, played.kind, played.script)

        def _answer(self, status: int, kind: str, script: list[Any]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            try:
                for part in script:
                    if isinstance(part, threading.Event):
                        part.wait(20)
                    else:
                        self.wfile.write(part)
                        self.wfile.flush()
            except ConnectionError:
                played.gone.set()

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        played.port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield played
        server.shutdown()


def answer(model: Model, seen: Callable[[str], None] = lambda text: None) -> list[str]:
    """Every piece of one answer."""

    async def read() -> list[str]:
        pieces = []
        try:
            async with aclosing(model.stream(ASKED)) as stream:
                async for text in stream:
                    seen(text)
                    pieces.append(text)
        finally:
            await model.aclose()
        return pieces

    return asyncio.run(read())


def failure(model: Model) -> ModelFailed:
    with pytest.raises(ModelFailed) as raised:
        answer(model)
    return raised.value


def test_none_is_configured() -> None:
    assert Model.from_environment({}) is None
    assert Model.from_environment({"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "m"}) is None
    assert Model.from_environment({"OPENAI_BASE_URL": "  "}) is None


@pytest.mark.parametrize("url", ["127.0.0.1:11434/v1", "ftp://x", "http://", "file:///etc/passwd"])
def test_an_address_that_is_none_is_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match="OPENAI_BASE_URL must begin with"):
        Model.from_environment({"OPENAI_BASE_URL": url})


def test_an_answer_arrives_as_it_is_written(provider: Provider) -> None:
    gate = threading.Event()
    provider.script = [
        piece(role="assistant"),
        piece("Hal"),
        gate,
        piece("lo\u2028 ä"),
        piece(finish="stop"),
        DONE,
    ]
    assert answer(provider.model(), lambda text: gate.set()) == ["Hal", "lo\u2028 ä"]
    ((path, headers, body),) = provider.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == {"model": "some-model", "messages": ASKED, "stream": True}


def test_frames_may_be_cut_anywhere_and_end_in_crlf(provider: Provider) -> None:
    stream = (b": a comment\n\n" + piece("ä€") + b'event: x\n\ndata:{"choices":[]}\n\n' + DONE).replace(
        b"\n", b"\r\n"
    )
    provider.script = [stream[i : i + 1] for i in range(len(stream))]
    assert answer(provider.model()) == ["ä€"]


def test_without_a_key_none_is_sent(provider: Provider) -> None:
    provider.script = [piece("x"), DONE]
    assert answer(provider.model(OPENAI_API_KEY="")) == ["x"]
    assert "Authorization" not in provider.asked[0][1]


def test_without_a_name_the_first_model_is_asked(provider: Provider) -> None:
    provider.script = [piece("x"), DONE]
    model = provider.model(OPENAI_MODEL="")
    assert model.name == ""
    assert answer(model) == answer(model) == ["x"]
    assert model.name == "first-model"
    assert [path for path, _, _ in provider.asked] == ["/v1/models", *["/v1/chat/completions"] * 2]
    assert provider.asked[1][2]["model"] == "first-model"


@pytest.mark.parametrize("models", [b"{}", b'{"data": []}', b"<html>", b"[]"])
def test_without_any_name_it_fails(provider: Provider, models: bytes) -> None:
    provider.models = models
    assert "OPENAI_MODEL" in failure(provider.model(OPENAI_MODEL="")).message


def test_thinking_is_marked(provider: Provider) -> None:
    provider.script = [
        piece(reasoning_content="Let me"),
        piece(reasoning_content=" see."),
        piece("Yes"),
        DONE,
    ]
    assert "".join(answer(provider.model())) == "<think>\nLet me see.\n</think>\n\nYes"


def test_a_server_that_does_not_stream(provider: Provider) -> None:
    provider.kind = "application/json"
    whole = {"choices": [{"message": {"content": "All of it."}, "finish_reason": "stop"}], "usage": None}
    provider.script = [json.dumps(whole).encode()]
    assert answer(provider.model()) == ["All of it."]


WRONG_KEY = {"message": f"Incorrect API key provided: {KEY}."}


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [
        (401, WRONG_KEY, "completion_request_error", "Incorrect API key provided: …."),
        (400, {"message": "context too long"}, "completion_request_error", "context too long"),
        (404, "model 'x' not found", "completion_request_error", "model 'x' not found"),
        (429, {"message": "Rate limit reached"}, "rate_limit_error", "Rate limit reached"),
        (500, None, "completion_request_error", "The model's server answered with status 500."),
    ],
)
def test_refusals_in_difys_terms(provider: Provider, status: int, body: Any, code: str, message: str) -> None:
    """Recordings 35_err_model_auth_stream, 35_err_model_bad_stream, 35_err_model_rate_stream."""
    provider.status, provider.kind = status, "application/json"
    provider.script = [json.dumps({"error": body}).encode() if body else b"<html>Bad gateway</html>"]
    failed = failure(provider.model())
    assert (failed.code, failed.message) == (code, message)
    assert failed.status == (429 if code == "rate_limit_error" else 400)


BROKEN_OFF = "The model's answer broke off."


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ([piece("Half an"), b'data: {"error": {"message": "out of memory"}}\n\n'], "out of memory"),
        ([piece("Half an")], BROKEN_OFF),
        ([], BROKEN_OFF),
        ([b"data: {oops\n\n"], UNREADABLE),
        ([b"data: []\n\n"], UNREADABLE),
        ([b'data: {"choices": [null]}\n\n'], UNREADABLE),
        ([b'data: {"choices": 7}\n\n'], UNREADABLE),
        ([b'data: {"choices": [{"delta": {"content": 7}}]}\n\n'], UNREADABLE),
    ],
)
def test_a_stream_that_goes_wrong(provider: Provider, script: list[Any], message: str) -> None:
    provider.script = script
    failed = failure(provider.model())
    assert (failed.code, failed.status, failed.message) == ("completion_request_error", 400, message)


def test_nobody_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    model = Model.from_environment({"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "OPENAI_MODEL": "m"})
    assert model is not None
    failed = failure(model)
    assert failed.message == "The model's server cannot be reached."
    assert str(port) not in failed.message


def test_a_silent_server(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "SILENCE", 0.2)
    gate = threading.Event()
    provider.script = [piece("Half"), gate]
    assert failure(provider.model()).message == "The model did not answer in time."
    gate.set()


def test_who_stops_listening_frees_the_model(provider: Provider) -> None:
    provider.script = [piece("x" * 1000) for _ in range(100_000)]

    async def listen_to_one() -> None:
        model = provider.model()
        async with aclosing(model.stream(ASKED)) as stream:
            async for _ in stream:
                break
        assert await asyncio.to_thread(provider.gone.wait, 20), "the connection was closed"
        await model.aclose()

    asyncio.run(listen_to_one())

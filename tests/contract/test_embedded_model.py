"""With a model behind it, the backend gives the model's answers, and the model gets the passages found."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.contract.processes import Embedded
from tests.contract.replaying import parsed

Start = Callable[..., AbstractContextManager[Embedded]]


@dataclass
class Provider:
    """What an OpenAI-compatible server answers, and what it was asked."""

    port: int = 0
    status: int = 200
    asked: list[list[dict[str, str]]] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    """Set to let the second half of every answer go."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    played = Provider()
    played.held.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            played.asked.append(body["messages"])
            self.send_response(played.status)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for text in ("It is ", "forty-two."):
                part = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
                self.wfile.write(f"data: {json.dumps(part)}\n\n".encode())
                self.wfile.flush()
                played.held.wait(20)
            self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        played.port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield played
        played.held.set()
        server.shutdown()


@pytest.fixture
def backed(start: Start, provider: Provider) -> Iterator[Embedded]:
    given = {"OPENAI_BASE_URL": f"http://127.0.0.1:{provider.port}/v1", "OPENAI_MODEL": "m"}
    with start(env={**os.environ, **given}) as server:
        yield server


def ask(server: Embedded, query: str, ending: str = "", **more: Any) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {server.api_key}{ending}"}
    body = {"inputs": {}, "query": query, "user": "u", "response_mode": "streaming", **more}
    return parsed(httpx.post(f"{server.base_url}/chat-messages", headers=headers, json=body).content)


def text(events: list[dict[str, Any]]) -> str:
    return "".join(each["answer"] for each in events if each["event"] in ("message", "agent_message"))


def test_the_model_answers_with_the_passages_in_its_prompt(backed: Embedded, provider: Provider) -> None:
    first = ask(backed, "What are annotations?", inputs={"name": "Ada"})
    assert text(first) == "It is forty-two."
    system, *_, question = provider.asked[-1]
    assert question == {"role": "user", "content": "What are annotations?"}
    cited = first[-1]["metadata"]["retriever_resources"]
    assert cited and all(each["content"].partition("\n")[0] in system["content"] for each in cited)
    assert "Ada" in system["content"]
    ask(backed, "And now?", conversation_id=first[0]["conversation_id"])
    assert [each["content"] for each in provider.asked[-1][1:]] == [
        "What are annotations?",
        "It is forty-two.",
        "And now?",
    ]


def test_agent_and_chatflow_ask_it_too(backed: Embedded, provider: Provider) -> None:
    assert text(ask(backed, "What is 6 * 7?", "-agent")).endswith("It is forty-two.")
    assert "Calculator: 42" in provider.asked[-1][0]["content"]
    assert text(ask(backed, "What are annotations?", "-flow")) == "It is forty-two."


def test_demo_questions_and_preset_answers_need_no_model(backed: Embedded, provider: Provider) -> None:
    ask(backed, "demo: flood")
    ask(backed, "blockme", "-moderated", inputs={"name": "Bob", "lang": "en"})
    assert provider.asked == []


@pytest.mark.parametrize(
    ("status", "code", "told"), [(429, "rate_limit_error", 429), (500, "completion_request_error", 400)]
)
def test_its_failures_are_difys(
    backed: Embedded, provider: Provider, status: int, code: str, told: int
) -> None:
    provider.status = status
    (failure,) = ask(backed, "What are annotations?")
    assert (failure["event"], failure["code"], failure["status"]) == ("error", code, told)


def test_a_model_can_be_stopped(backed: Embedded, provider: Provider) -> None:
    provider.held.clear()
    body = {"inputs": {}, "query": "hello", "user": "u", "response_mode": "streaming"}
    with backed.client() as client, client.stream("POST", "chat-messages", json=body) as response:
        pieces = response.iter_raw()
        raw = next(pieces)
        task = parsed(raw)[0]["task_id"]
        client.post(f"chat-messages/{task}/stop", json={"user": "u"})
        raw += b"".join(pieces)
    events = parsed(raw)
    assert text(events) == "It is "
    assert events[-1]["metadata"]["usage"]["total_tokens"] == 0

"""Recordings against the API document: what the allowances must cover, and that each of them is needed."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.contract.allowances import ALLOWANCES, Allowance
from tests.contract.document import Document, document, with_allowances
from tests.contract.overhearing import HELD
from tests.contract.recorded import TRANSCRIPTS, Exchange

RECORDED = sorted(each.name for each in TRANSCRIPTS.iterdir())


def problems(case: str, against: Document) -> list[str]:
    exchange = Exchange.read(case)
    path = re.sub(r"\?.*", "", exchange.path).removeprefix("/v1")
    kind = exchange.response_headers.get("content-type", "")
    return list(against.problems(exchange.method, path, exchange.status, kind, exchange.body))


@pytest.mark.parametrize("case", RECORDED)
def test_every_recording_is_as_documented_or_allowed(case: str) -> None:
    assert problems(case, document()) == []


@pytest.mark.parametrize("allowance", ALLOWANCES, ids=lambda each: each.recording)
def test_every_allowance_is_needed_by_its_recording(allowance: Allowance) -> None:
    others = with_allowances(each for each in ALLOWANCES if each is not allowance)
    assert problems(allowance.recording, others)


@pytest.mark.parametrize(
    ("method", "path", "status", "kind", "body", "problem"),
    [
        ("GET", "/info", 418, "application/json", b"{}", "status 418 is not documented"),
        ("GET", "/info", 200, "text/html", b"", "content type text/html is not documented"),
        ("GET", "/info", 200, "application/json", b'{"name": 7}', "name: 7 is not of type 'string'"),
        ("GET", "/meta", 200, "application/json", b"[]", "body: [] is not of type 'object'"),
        ("DELETE", "/conversations/x", 204, "", b"{}", "204 with a body"),
        (
            "POST",
            "/chat-messages",
            200,
            "text/event-stream",
            b'data: {"event":"message","answer":"x","message_id":"no uuid"}\n\n',
            "message_id: 'no uuid' is not a 'uuid'",
        ),
        (
            "POST",
            "/chat-messages",
            200,
            "text/event-stream",
            b'data: {"event":"surprise"}\n\n',
            "body: {'event': 'surprise'} is not valid under any of the given schemas",
        ),
    ],
)
def test_what_is_not_documented_is_found(
    method: str, path: str, status: int, kind: str, body: bytes, problem: str
) -> None:
    (found,) = document().problems(method, path, status, kind, body)
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"name": 7}'),
        ("text/event-stream", b'data: {"event":"surprise"}\n\ndata: {"ev'),
    ],
)
def test_a_client_that_is_held_to_it_fails(kind: str, body: bytes) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": kind}, stream=httpx.ByteStream(body))

    method, path = ("GET", "info") if kind == "application/json" else ("POST", "chat-messages")
    transport = httpx.MockTransport(answer)
    with httpx.Client(base_url="http://any/v1", transport=transport, event_hooks=HELD) as client:
        with pytest.raises(AssertionError, match=f"{method} /{path}: "):
            client.request(method, path)
        with pytest.raises(AssertionError), client.stream(method, path) as response:
            list(response.iter_raw())

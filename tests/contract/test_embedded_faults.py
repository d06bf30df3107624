"""Faults on demand: by question always, by header only where the server was started for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from embedded.codes import CODES
from embedded.faults import FLOODS, MALFORMED
from tests.contract.processes import Embedded, running
from tests.contract.replaying import parsed

Start = Callable[..., AbstractContextManager[Embedded]]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running(tmp_path_factory.mktemp("faulty"), "--faults") as server:
        headers = {"Authorization": f"Bearer {server.api_key}"}
        with httpx.Client(base_url=server.base_url, headers=headers, timeout=20) as client:
            yield client


def wanted(query: str, mode: str = "streaming") -> dict[str, Any]:
    return {"inputs": {}, "query": query, "user": "u", "response_mode": mode}


@pytest.mark.parametrize("code", CODES)
def test_every_code_as_a_status_and_as_an_event(faulty: httpx.Client, code: str) -> None:
    status, message = CODES[code]
    refused = faulty.post("chat-messages", json=wanted(f"demo: error {code} http"))
    assert refused.status_code == status
    assert refused.json() == {"code": code, "message": message, "status": status}
    (failure,) = parsed(faulty.post("chat-messages", json=wanted(f"demo: error {code} now")).content)
    assert (failure["event"], failure["code"], failure["status"]) == ("error", code, status)
    assert "task_id" not in failure and "id" not in failure


@pytest.mark.parametrize(
    ("query", "status", "kind", "after"),
    [
        ("demo: http 429", 429, "application/json", "1"),
        ("demo: http 429 7", 429, "application/json", "7"),
        ("demo: http 500", 500, "application/json", None),
        ("demo: http 504", 504, "application/json", None),
        ("demo: http html", 502, "text/html; charset=utf-8", None),
        ("demo: http 503 html", 503, "text/html; charset=utf-8", None),
    ],
)
def test_gateways_by_question(
    faulty: httpx.Client, query: str, status: int, kind: str, after: str | None
) -> None:
    answer = faulty.post("chat-messages", json=wanted(query))
    assert (answer.status_code, answer.headers["content-type"]) == (status, kind)
    assert answer.headers.get("retry-after") == after
    by_header = faulty.get("info", headers={"X-Embedded-Fault": query.removeprefix("demo: http ")})
    assert (by_header.status_code, by_header.headers["content-type"]) == (status, kind)
    assert by_header.headers.get("retry-after") == after


def test_malformed_frames_stand_between_good_ones(faulty: httpx.Client) -> None:
    for query, headers in (("demo: malformed", {}), ("hello", {"X-Embedded-Fault": "malformed"})):
        body = faulty.post("chat-messages", json=wanted(query), headers=headers).content
        broken = b"".join(MALFORMED)
        before, _, after = body.partition(broken)
        assert before.startswith(b"data: {") and b'"event":"message_end"' in after


def test_a_flood_comes_before_the_rest(faulty: httpx.Client) -> None:
    headers = {"X-Embedded-Fault": "flood"}
    body = faulty.post("chat-messages", json=wanted("hello"), headers=headers).content
    assert body.count(b": flood ") == FLOODS
    assert b'"event":"message_end"' in body


def test_cut_and_stall_after_so_many_bytes(faulty: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="received 40 bytes"):
        faulty.get("parameters", headers={"X-Embedded-Fault": "cut 40"})
    with pytest.raises(httpx.ReadTimeout):
        faulty.get("parameters", headers={"X-Embedded-Fault": "stall 40"}, timeout=1)


def test_slow(faulty: httpx.Client) -> None:
    began = time.monotonic()
    assert faulty.get("info", headers={"X-Embedded-Fault": "slow 0.6"}).status_code == 200
    assert time.monotonic() - began >= 0.6


def test_a_stall_by_question_says_nothing_more(faulty: httpx.Client) -> None:
    raw = b""
    with (
        faulty.stream("POST", "chat-messages", json=wanted("demo: stall 1")) as response,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        for piece in response.iter_raw():
            raw += piece
    assert {event["event"] for event in parsed(raw)} == {"message"}


def test_the_header_is_not_heard_otherwise(client: httpx.Client) -> None:
    assert client.get("info", headers={"X-Embedded-Fault": "503"}).status_code == 200

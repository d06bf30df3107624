"""Each recorded exchange that the embedded backend can answer, replayed and compared: status, the headers
that matter, the shape of JSON, and the order and shape of events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.overhearing import HELD
from tests.contract.processes import running
from tests.contract.recorded import TRANSCRIPTS, Exchange, fits, shape
from tests.contract.replaying import LEFT, ORDER, Answer, Replay, parsed

# What ours does not answer as recorded, and why.
ELSEWHERE = {
    "36_err_provider_down_chat": "there is no plugin daemon that could be down",
    "36_err_provider_down_flow": "there is no plugin daemon that could be down",
    "70_variables_filter": "a fault of PostgreSQL; ours filters, as was meant",
    "70_variables_filter_none": "a fault of PostgreSQL; ours filters, as was meant",
    "70_variables_filter_prefix": "a fault of PostgreSQL; ours filters, as was meant",
    "81_chat_remote_url_local_unreachable": "remote files are not fetched",
    "59_gzip": "recorded for what it is not: compressed",
}
# Headers in which ours must agree, present or not.
HEADERS = (
    "content-type",
    "www-authenticate",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "cache-control",
    "content-disposition",
    "accept-ranges",
    "x-env",
    "vary",
)
CASES = [case for case in ORDER.read_text().split() if case not in ELSEWHERE]


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    with (
        running(tmp_path_factory.mktemp("replay")) as server,
        httpx.Client(timeout=60, event_hooks=HELD) as client,
    ):
        replayed = Replay(client, server.base_url.removesuffix("/v1"), server.api_key)
        replayed.run(frozenset(ELSEWHERE))
        yield replayed


def test_every_recording_is_accounted_for() -> None:
    recorded = {path.name for path in TRANSCRIPTS.iterdir() if (path / "request.txt").exists()}
    assert recorded == set(ORDER.read_text().split())


@pytest.mark.parametrize("case", CASES)
def test_recorded_exchange(case: str, replay: Replay) -> None:
    ours = replay.answers[case]
    if isinstance(ours, Exception):
        raise ours
    theirs = Exchange.read(case)
    assert ours.status == theirs.status, ours.body[:500]
    for name in HEADERS:
        assert ours.headers.get(name) == theirs.response_headers.get(name), name
    kind = theirs.response_headers.get("content-type", "")
    if kind.startswith("text/event-stream"):
        _compare_streams(case, ours.body, theirs.body)
    elif theirs.status >= 400 or kind.startswith("text/html"):
        assert _plain(ours, replay) == _plain(theirs, replay)
    elif kind.startswith("application/json") and theirs.body:
        _compare(ours.json, theirs.json)


def _compare_streams(case: str, our_body: bytes, their_body: bytes) -> None:
    ours, theirs = parsed(our_body), parsed(their_body)
    if case not in LEFT:
        assert _order(ours) == _order(theirs)
    seen: dict[str, Any] = {}
    for event in ours:
        seen.setdefault(_kind(event), event)
    for event in theirs:
        known = seen.get(_kind(event))
        if known is not None:
            _compare(known, event)


def _compare(ours: Any, theirs: Any) -> None:
    ours, theirs = shape(_bare(ours)), shape(_bare(theirs))
    assert fits(ours, theirs), f"\n{ours}\n{theirs}"


def _kind(event: dict[str, Any]) -> str:
    return f"{event['event']} {event.get('data', {}).get('node_type', '')}".strip()


def _order(events: list[dict[str, Any]]) -> list[str]:
    """Names in their order; a repeated one once, a node in which nothing was said as `node`, and speech and
    text that arrive together as one."""
    names = " ".join(each["event"] for each in events)
    names = re.sub(r"\bping ", "", names.replace("node_started node_finished", "node"))
    names = re.sub(r"\b(message|tts_message)( (message|tts_message|))*(?= |$)", r"\1", names)
    return re.sub(r"\b(\w+)( \1\b)+", r"\1", names).split()


def _bare(value: Any) -> Any:
    """Without what is the app's own: its form's inputs, its nodes' values, its answer's parts."""
    own = ("inputs", "outputs", "process_data", "tool_icons", "tool_labels", "embedding_model")
    if isinstance(value, dict):
        return {name: _bare(item) for name, item in value.items() if name not in own}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _plain(answer: Answer | Exchange, replay: Replay) -> object:
    """A refusal without what differs from server to server."""
    text = answer.body.decode()
    for theirs, ours in replay.names.items():
        text = text.replace(theirs, ours)
    text = re.sub(r"errors\.pydantic\.dev\\?/[\d.]+\\?/", "errors.pydantic.dev/", text)
    text = text.replace("http://127.0.0.1:15001", replay.root)
    text = re.sub(r"for [0-9a-f-]{36} is", "for APP is", text)
    text = re.sub(r"form_id=[0-9a-f-]{36}", "form_id=ID", text)
    try:
        body = json.loads(text)
    except ValueError:
        return text
    if isinstance(body, dict) and body.get("code") == "completion_request_error":
        body["message"] = ""  # the model's own words
    return body


def test_the_order_names_only_recordings() -> None:
    assert [case for case in ORDER.read_text().split() if not Path(TRANSCRIPTS / case).is_dir()] == []


def test_ping_on_the_wire(replay: Replay) -> None:
    ours = replay.answers["40_ping_chat_silent25s"]
    assert isinstance(ours, Answer)
    assert ours.body.startswith(b"event: ping\n\n")
    assert Exchange.read("40_ping_chat_silent25s").body.startswith(b"event: ping\n\n")
    assert [each["event"] for each in parsed(ours.body)].count("ping") == 1

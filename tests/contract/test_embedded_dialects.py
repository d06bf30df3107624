"""The five documents: where they differ from a real server, `--dialect` makes the backend differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.processes import running
from tests.contract.replaying import png

OLDER = ("001", "003", "004")


class Spoken:
    """A server that speaks a dialect, and what it says."""

    def __init__(self, name: str, client: httpx.Client) -> None:
        self.name, self.client = name, client

    def asked(self, query: str = "What are annotations?", **more: Any) -> list[bytes]:
        """The frames of an answer."""
        body = {"query": query, "user": "u", "response_mode": "streaming", "inputs": {}, **more}
        stream = self.client.post("chat-messages", json=body).content
        return [part.removeprefix(b"data: ") for part in stream.split(b"\n\n") if part]

    def whole(self, **more: Any) -> dict[str, Any]:
        """An answer at once."""
        body = {"query": "hello", "user": "u", "response_mode": "blocking", **more}
        answer: dict[str, Any] = self.client.post("chat-messages", json=body).json()
        return answer


@pytest.fixture(scope="module", params=["000", "001", "002", "003", "004"])
def spoken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spoken]:
    name = request.param
    with running(tmp_path_factory.mktemp(f"dialect{name}"), "--dialect", name) as server:
        headers = {"Authorization": f"Bearer {server.api_key}"}
        with httpx.Client(base_url=server.base_url, headers=headers, timeout=20) as client:
            yield Spoken(name, client)


def test_missing_endpoints(spoken: Spoken) -> None:
    nothing = "11111111-1111-4111-8111-111111111111"
    paths = {
        "info": ("001", "003", "004"),
        "site": ("000", "001", "003", "004"),
        "app/feedbacks": ("000", "001", "003", "004"),
        f"end-users/{nothing}": ("000", "001", "003", "004"),
        "apps/annotations": OLDER,
        f"conversations/{nothing}/variables": OLDER,
    }
    for path, lacking in paths.items():
        answer = spoken.client.get(path)
        page = answer.headers["content-type"].startswith("text/html")
        assert page == (spoken.name in lacking), path
        assert answer.status_code == 404 or not page


def test_statuses(spoken: Spoken) -> None:
    files = {"file": ("a.png", png(8, 8), "image/png")}
    uploaded = spoken.client.post("files/upload", files=files, data={"user": "u"})
    assert uploaded.status_code == (201 if spoken.name == "002" else 200)
    assert isinstance(uploaded.json()["created_by"], int if spoken.name == "004" else str)
    conversation = spoken.whole(inputs={})["conversation_id"]
    deleted = spoken.client.request("DELETE", f"conversations/{conversation}", json={"user": "u"})
    older = spoken.name in OLDER
    assert (deleted.status_code, deleted.content.strip()) == (
        (200, b'{"result":"success"}') if older else (204, b"")
    )


def test_inputs_may_be_left_out_but_in_the_real_one_and_002(spoken: Spoken) -> None:
    answer = spoken.whole()
    assert ("answer" in answer) == (spoken.name != "002")


def test_the_end_of_a_stream(spoken: Spoken) -> None:
    frames = spoken.asked()
    first, end = json.loads(frames[0]), json.loads(frames[-1])
    assert end["event"] == "message_end"
    metadata = end["metadata"]
    if spoken.name in ("000", "001", "003"):
        assert "message_id" not in end and end["id"] != first["message_id"]
    else:
        assert end["message_id"] == first["message_id"]
    assert ("task_id" in first) == (spoken.name == "002")
    assert ("retriever_resources" in metadata) == (spoken.name in ("000", "001", "003"))
    assert ("retriever_resources" in metadata["usage"]) == (spoken.name == "004")
    assert ("prompt_tokens" in metadata["usage"]) == (spoken.name != "002")


def test_broken_frames_of_the_examples(spoken: Spoken) -> None:
    frames = spoken.asked()
    unreadable = []
    for number, frame in enumerate(frames):
        try:
            json.loads(frame)
        except ValueError:
            unreadable.append(number)
    assert unreadable == ([1, 2] if spoken.name in OLDER else [])
    assert (b'"message_id" : ' in frames[1]) == (spoken.name == "000")


def test_records(spoken: Spoken) -> None:
    asked = spoken.whole(inputs={"name": "Ada"})
    params = {"user": "u", "conversation_id": asked["conversation_id"]}
    assert ("task_id" in asked) == (spoken.name in ("000", "002"))
    message = spoken.client.get("messages", params=params).json()["data"][0]
    listed = spoken.name in OLDER
    assert message["inputs"] == ([{"name": "Ada"}] if listed else {"name": "Ada"})
    path = f"conversations/{asked['conversation_id']}/name"
    renamed = spoken.client.post(path, json={"name": "New", "user": "u"}).json()
    if spoken.name == "004":
        assert renamed == {"result": "success"}
    else:
        assert renamed["name"] == "New"
        assert ("status" in renamed) == (spoken.name in ("000", "002"))


def test_limits_and_orders(spoken: Spoken) -> None:
    clipped = spoken.client.get("conversations", params={"user": "u", "limit": 500})
    assert clipped.status_code == (200 if spoken.name in OLDER else 400)
    unknown = spoken.client.get("conversations", params={"user": "u", "sort_by": "colour"})
    assert unknown.status_code == (200 if spoken.name == "004" else 400)


def test_refusals(spoken: Spoken) -> None:
    nothing = "11111111-1111-4111-8111-111111111111"
    body = {"inputs": {}, "query": "x", "user": "u", "conversation_id": nothing}
    refused = spoken.client.post("chat-messages", json=body).json()
    expected = {"000": "conversation_not_exists", "002": "not_found"}.get(spoken.name)
    assert refused.get("code") == expected
    broken = spoken.client.get("conversations", params={"user": "x" * 256}).json()
    assert broken.get("code") == {"000": "unknown", "002": "internal_server_error"}.get(spoken.name)


def test_speech(spoken: Spoken) -> None:
    asked = {"text": "Hello", "user": "u"}
    by_form = spoken.client.post("text-to-audio", data=asked)
    by_json = spoken.client.post("text-to-audio", json=asked)
    if spoken.name in OLDER:
        assert by_form.headers["content-type"] == "audio/wav"
        assert by_form.content.startswith(b"RIFF")
    else:
        assert by_form.status_code == 415
        assert by_json.headers["content-type"] == "audio/mpeg"


def test_annotation_reply_in_000_and_002(spoken: Spoken) -> None:
    if spoken.name in OLDER:
        return
    short = {"embedding_model_provider": "embedded", "embedding_model": "m"}
    answer = spoken.client.post("apps/annotation-reply/enable", json=short)
    assert answer.status_code == (200 if spoken.name == "000" else 400)


def test_parameters(spoken: Spoken) -> None:
    found = spoken.client.get("parameters").json()
    assert ("text_to_speech" in found) == (spoken.name == "002")
    assert ("introduction" in found) == (spoken.name == "004")
    limits = {"000": 4, "001": 4, "002": 5, "003": 4, "004": 1}
    assert len(found["system_parameters"]) == limits[spoken.name]
